/**
 * What the C preprocessor would leave of a kernel file: conditions are decided, macros are collected and not expanded.
 * Lines keep their numbers, and what is kept is kept as it is.
 */

import type { KernelOptions } from "./kernel-options.ts";
import { TreeError } from "./tree-error.ts";

/** A macro, as a file defines it. */
export interface Macro {
  readonly name: string;
  /** Names of the parameters; undefined for a macro without. A variadic one ends in `__VA_ARGS__`. */
  readonly parameters: readonly string[] | undefined;
  /** What it stands for, on one line and without comments. */
  readonly body: string;
  /** The definition on one line, without comments. */
  readonly text: string;
  /** The definition as it stands in the file. */
  readonly lines: string;
  readonly file: string;
  readonly line: number;
  /** Line of the #undef that ends it in this file; undefined when it stays. */
  readonly until?: number;
}

/** The macro that a name stands for on a line: of those of one file, in its order. */
export function macroAt(macros: readonly Macro[], name: string, line: number): Macro | undefined {
  return macros.findLast(
    (each) => each.name === name && each.line <= line && (each.until === undefined || each.until > line),
  );
}

/** A file, as one configuration sees it. */
export interface ActiveFile {
  readonly file: string;
  /** The file, with empty lines for directives and for what the configuration leaves out. */
  readonly code: string;
  readonly macros: readonly Macro[];
}

/** A directive cannot be understood. */
export class DirectiveError extends TreeError {}

/** A condition that is open: whether the lines now are kept, whether a branch was taken, whether the outside is kept. */
interface Open {
  kept: boolean;
  taken: boolean;
  readonly outside: boolean;
}

/**
 * Goes through the files of a tree, in the order in which headers would be included: what one file defines, the
 * conditions of the next can ask for.
 */
export class Preprocessor {
  readonly #defined = new Map<string, Macro>();

  constructor({ options, numbers }: KernelOptions) {
    for (const [name, body] of [...[...options].map((option) => [option, "1"] as const), ...numbers]) {
      this.#defined.set(name, { name, parameters: undefined, body, text: "", lines: "", file: "", line: 0 });
    }
  }

  /** @throws DirectiveError for a condition that has no end, or no beginning */
  activeFile(file: string, source: string): ActiveFile {
    const code: string[] = [];
    const macros: Macro[] = [];
    const open: Open[] = [];
    const lines = source.split("\n");
    let inComment = false;
    for (let start = 0; start < lines.length; ) {
      let end = start + 1;
      while (end < lines.length && lines[end - 1]?.endsWith("\\") === true) {
        end++;
      }
      const logical = lines.slice(start, end);
      const startsInComment = inComment;
      const stripped = withoutComments(logical.map((line) => line.replace(/\\$/, " ")).join(""), inComment);
      inComment = stripped.inComment;
      const directive = startsInComment ? null : /^\s*#\s*([a-z]+)\b(.*)$/s.exec(stripped.text);
      const isKept = open.every((each) => each.kept);
      const isCondition = directive !== null && this.#condition(open, directive, `${file}:${start + 1}`);
      if (directive !== null && !isCondition && isKept) {
        this.#definition(
          directive,
          { text: stripped.text.trim(), lines: logical.join("\n"), file, line: start + 1 },
          macros,
        );
      }
      for (const line of logical) {
        code.push(isKept && directive === null ? line : "");
      }
      // A comment that begins on a directive's line goes on in lines that are kept.
      if (directive !== null && inComment) {
        code[code.length - 1] = "/*";
      }
      start = end;
    }
    if (open.length > 0) {
      throw new DirectiveError(`${file}: ${open.length} of its #if have no #endif`);
    }
    return { file, code: code.join("\n"), macros };
  }

  /** Takes a directive that is part of a condition, and says whether it was one. */
  #condition(open: Open[], [, word, rest = ""]: RegExpExecArray, place: string): boolean {
    const outside = open.every((each) => each.kept);
    const begin = (holds: boolean): void => {
      open.push({ kept: outside && holds, taken: holds, outside });
    };
    const next = (holds: () => boolean): void => {
      const current = open.at(-1);
      if (current === undefined) {
        throw new DirectiveError(`${place}: #${word} without an #if`);
      }
      current.kept = current.outside && !current.taken && holds();
      current.taken ||= current.kept;
    };
    const isDefined = (): boolean => this.#defined.has(rest.trim());
    switch (word) {
      case "if":
        begin(outside && this.#value(rest) !== 0);
        return true;
      case "ifdef":
        begin(isDefined());
        return true;
      case "ifndef":
        begin(!isDefined());
        return true;
      case "elif":
        next(() => this.#value(rest) !== 0);
        return true;
      case "else":
        next(() => true);
        return true;
      case "endif":
        if (open.pop() === undefined) {
          throw new DirectiveError(`${place}: #endif without an #if`);
        }
        return true;
      default:
        return false;
    }
  }

  #definition(
    [, word, rest = ""]: RegExpExecArray,
    place: Omit<Macro, "name" | "parameters" | "body">,
    to: Macro[],
  ): void {
    if (word === "undef") {
      const gone = rest.trim();
      this.#defined.delete(gone);
      const ended = to.findLastIndex(({ name, until }) => name === gone && until === undefined);
      if (ended >= 0) {
        to[ended] = { ...(to[ended] as Macro), until: place.line };
      }
    }
    const found = word === "define" ? /^\s*([A-Za-z_]\w*)(\([^)]*\))?(.*)$/s.exec(rest) : null;
    if (found === null) {
      return;
    }
    const [, name = "", list, body = ""] = found;
    const parameters = list
      ?.slice(1, -1)
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "")
      .map((each) => (each.endsWith("...") ? each.slice(0, -3).trim() || "__VA_ARGS__" : each));
    const macro = { ...place, name, parameters, body: body.trim() };
    this.#defined.set(name, macro);
    to.push(macro);
  }

  /** The value of a condition. A name that nothing defines is 0, as in C. */
  #value(expression: string): number {
    return new Condition(expression, this.#defined).value();
  }
}

/** Blanks comments; `inComment` says whether one is open at the beginning, and at the end. */
function withoutComments(text: string, inComment: boolean): { text: string; inComment: boolean } {
  let open = inComment;
  let result = "";
  for (let i = 0; i < text.length; ) {
    const two = text.slice(i, i + 2);
    if (open) {
      open = two !== "*/";
      i += open ? 1 : 2;
      result += open ? "" : " ";
    } else if (two === "/*") {
      open = true;
      i += 2;
    } else if (two === "//") {
      break;
    } else {
      const literal = /^(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/.exec(text.slice(i))?.[0] ?? (text[i] as string);
      result += literal;
      i += literal.length;
    }
  }
  return { text: result, inComment: open };
}

/** Deepest nesting of macros in a condition. */
const DEEPEST = 32;

/** Binary operators, by how strongly they bind. */
const OPERATORS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** A controlling expression. @source C11 6.10.1 */
class Condition {
  readonly #tokens: readonly string[];
  readonly #defined: ReadonlyMap<string, Macro>;
  readonly #depth: number;
  #next = 0;

  constructor(text: string, defined: ReadonlyMap<string, Macro>, depth = 0) {
    this.#tokens = text.match(/[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+|\|\||&&|==|!=|<=|>=|<<|>>|[^\s]/g) ?? [];
    this.#defined = defined;
    this.#depth = depth;
  }

  value(): number {
    const value = this.#binary(0);
    if (this.#take("?")) {
      const [yes, no] = [this.value(), this.#take(":") ? this.value() : 0];
      return value !== 0 ? yes : no;
    }
    return value;
  }

  #binary(level: number): number {
    const operators = OPERATORS[level];
    if (operators === undefined) {
      return this.#unary();
    }
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#next];
      if (operator === undefined || !operators.includes(operator)) {
        return left;
      }
      this.#next++;
      left = combined(operator, left, this.#binary(level + 1));
    }
  }

  #unary(): number {
    if (this.#take("!")) {
      return this.#unary() === 0 ? 1 : 0;
    }
    if (this.#take("-")) {
      return -this.#unary();
    }
    if (this.#take("~")) {
      return ~this.#unary();
    }
    if (this.#take("+")) {
      return this.#unary();
    }
    if (this.#take("(")) {
      const value = this.value();
      this.#take(")");
      return value;
    }
    const token = this.#tokens[this.#next++];
    if (token === undefined) {
      return 0;
    }
    return /^\d/.test(token) ? this.#number(token) : this.#name(token);
  }

  #number(token: string): number {
    // A suffix such as UL is a token of its own here.
    if (/^[uUlL]+$/.test(this.#tokens[this.#next] ?? "")) {
      this.#next++;
    }
    return Number(/^0\d/.test(token) ? `0o${token.slice(1)}` : token);
  }

  #name(name: string): number {
    if (name === "defined") {
      const inside = this.#take("(");
      const asked = this.#tokens[this.#next++] ?? "";
      if (inside) {
        this.#take(")");
      }
      return this.#defined.has(asked) ? 1 : 0;
    }
    if (this.#take("(")) {
      const from = this.#next;
      for (let depth = 1; depth > 0 && this.#next < this.#tokens.length; this.#next++) {
        depth += this.#tokens[this.#next] === "(" ? 1 : this.#tokens[this.#next] === ")" ? -1 : 0;
      }
      // IS_ENABLED(), IS_BUILTIN(), IS_REACHABLE(): nothing is built as a module here.
      const asks = /^IS_(?:ENABLED|BUILTIN|REACHABLE)$/.test(name);
      return asks && this.#defined.has(this.#tokens[from] ?? "") ? 1 : 0;
    }
    const macro = this.#defined.get(name);
    if (macro === undefined || macro.parameters !== undefined || this.#depth > DEEPEST) {
      return 0;
    }
    return new Condition(macro.body, this.#defined, this.#depth + 1).value();
  }

  #take(token: string): boolean {
    const isNext = this.#tokens[this.#next] === token;
    this.#next += isNext ? 1 : 0;
    return isNext;
  }
}

function combined(operator: string, left: number, right: number): number {
  const truth = (value: boolean): number => (value ? 1 : 0);
  switch (operator) {
    case "||":
      return truth(left !== 0 || right !== 0);
    case "&&":
      return truth(left !== 0 && right !== 0);
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "<":
      return truth(left < right);
    case ">":
      return truth(left > right);
    case "<=":
      return truth(left <= right);
    case ">=":
      return truth(left >= right);
    case "<<":
      return left * 2 ** right;
    case ">>":
      return Math.floor(left / 2 ** right);
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? 0 : Math.trunc(left / right);
    default:
      return right === 0 ? 0 : left % right;
  }
}
