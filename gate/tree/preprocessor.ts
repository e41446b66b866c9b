/**
 * A partial C preprocessor for kernel files: it evaluates conditions, and collects macros without expanding them. Line
 * numbers and the text of active lines do not change.
 */

import type { KernelOptions } from "./kernel-options.ts";
import { TreeError } from "./tree-error.ts";

/** A macro definition in a file. */
export interface Macro {
  readonly name: string;
  /** Names of the parameters; undefined for an object-like macro. Those of a variadic macro end in `__VA_ARGS__`. */
  readonly parameters: readonly string[] | undefined;
  /** Replacement text, on one line and without comments. */
  readonly body: string;
  /** The definition on one line, without comments. */
  readonly text: string;
  /** The definition as in the file. */
  readonly lines: string;
  readonly file: string;
  readonly line: number;
  /** Line of the #undef that ends it in this file; undefined if there is none. */
  readonly until?: number;
}

/** Returns the macro that a name refers to on a line; `macros` are those of the file, in its order. */
export function macroAt(macros: readonly Macro[], name: string, line: number): Macro | undefined {
  return macros.findLast(
    (each) => each.name === name && each.line <= line && (each.until === undefined || each.until > line),
  );
}

/** A file, preprocessed for one configuration. */
export interface ActiveFile {
  readonly file: string;
  /** The file, with empty lines for directives and inactive code. */
  readonly code: string;
  readonly macros: readonly Macro[];
}

/** A preprocessor directive is invalid. */
export class DirectiveError extends TreeError {}

/** A conditional group that is open. */
interface OpenCondition {
  /** Whether its current branch is active. */
  active: boolean;
  /** Whether one of its branches has been active. */
  hadBranch: boolean;
  /** Whether the code around it is active. */
  readonly outside: boolean;
}

/**
 * Preprocesses the files of a tree in the order in which headers would be included: macros of one file affect the
 * conditions of the next.
 */
export class Preprocessor {
  readonly #defined = new Map<string, Macro>();

  constructor({ options, numbers }: KernelOptions) {
    for (const [name, body] of [...[...options].map((option) => [option, "1"] as const), ...numbers]) {
      this.#defined.set(name, { name, parameters: undefined, body, text: "", lines: "", file: "", line: 0 });
    }
  }

  /**
   * Preprocesses a file.
   *
   * @throws DirectiveError for #if without #endif, or the reverse
   */
  activeFile(file: string, source: string): ActiveFile {
    const code: string[] = [];
    const macros: Macro[] = [];
    const open: OpenCondition[] = [];
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
      const isActive = open.every((each) => each.active);
      const isCondition = directive !== null && this.#condition(open, directive, `${file}:${start + 1}`);
      if (directive !== null && !isCondition && isActive) {
        this.#definition(
          directive,
          { text: stripped.text.trim(), lines: logical.join("\n"), file, line: start + 1 },
          macros,
        );
      }
      for (const line of logical) {
        code.push(isActive && directive === null ? line : "");
      }
      // A comment that begins on a directive's line may continue on lines that are not blanked.
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

  /** Processes a conditional directive. Returns false for other directives. */
  #condition(open: OpenCondition[], [, word, rest = ""]: RegExpExecArray, place: string): boolean {
    const outside = open.every((each) => each.active);
    const begin = (holds: boolean): void => {
      open.push({ active: outside && holds, hadBranch: holds, outside });
    };
    const next = (holds: () => boolean): void => {
      const current = open.at(-1);
      if (current === undefined) {
        throw new DirectiveError(`${place}: #${word} without an #if`);
      }
      current.active = current.outside && !current.hadBranch && holds();
      current.hadBranch ||= current.active;
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
      const removed = rest.trim();
      this.#defined.delete(removed);
      const position = to.findLastIndex(({ name, until }) => name === removed && until === undefined);
      if (position >= 0) {
        to[position] = { ...(to[position] as Macro), until: place.line };
      }
    }
    const match = word === "define" ? /^\s*([A-Za-z_]\w*)(\([^)]*\))?(.*)$/s.exec(rest) : null;
    if (match === null) {
      return;
    }
    const [, name = "", list, body = ""] = match;
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

  /** Evaluates a condition. An undefined name is 0, as in C. */
  #value(expression: string): number {
    return new Condition(expression, this.#defined).value();
  }
}

/**
 * Replaces comments by spaces. `inComment`: whether a comment is open at the beginning and, in the result, at the end.
 */
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

/** Maximum nesting of macros in a condition. */
const DEEPEST = 32;

/** Binary operators by precedence, the lowest first. */
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

/** A controlling expression of a condition. @source C11 6.10.1 */
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
    // A suffix such as UL is a separate token.
    if (/^[uUlL]+$/.test(this.#tokens[this.#next] ?? "")) {
      this.#next++;
    }
    return Number(/^0\d/.test(token) ? `0o${token.slice(1)}` : token);
  }

  #name(name: string): number {
    if (name === "defined") {
      const inside = this.#take("(");
      const operand = this.#tokens[this.#next++] ?? "";
      if (inside) {
        this.#take(")");
      }
      return this.#defined.has(operand) ? 1 : 0;
    }
    if (this.#take("(")) {
      const from = this.#next;
      for (let depth = 1; depth > 0 && this.#next < this.#tokens.length; this.#next++) {
        depth += this.#tokens[this.#next] === "(" ? 1 : this.#tokens[this.#next] === ")" ? -1 : 0;
      }
      // IS_ENABLED(), IS_BUILTIN(), IS_REACHABLE() are the same: nothing is built as a module.
      const isOptionTest = /^IS_(?:ENABLED|BUILTIN|REACHABLE)$/.test(name);
      return isOptionTest && this.#defined.has(this.#tokens[from] ?? "") ? 1 : 0;
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
