/** Strict parser of KTAP, version 1. @source Documentation/dev-tools/ktap.rst */

/** A test with its subtests. */
export interface KtapTest {
  readonly name: string;
  readonly ok: boolean;
  /** Text behind `# SKIP`; undefined for a test that is not skipped. */
  readonly skipped: string | undefined;
  /** Text behind the hash sign, if it is no directive. */
  readonly remark: string | undefined;
  /** Diagnostic lines directly before the result, without the hash sign. */
  readonly diagnostics: readonly string[];
  readonly subtests: readonly KtapTest[];
}

/** The tests of a text, and the diagnostic lines behind the last one. */
export interface Ktap {
  readonly tests: readonly KtapTest[];
  readonly trailer: readonly string[];
}

/** Parses a text. @throws Error at the first line that violates a rule */
export function parseKtap(text: string): Ktap {
  if (!text.endsWith("\n")) {
    throw new Error("the last line has no end");
  }
  const lines = text.slice(0, -1).split("\n");
  const parser = new Parser(lines);
  const result = parser.tests("");
  if (parser.peek() !== undefined) {
    throw new Error(`unexpected line: ${parser.peek()}`);
  }
  return result;
}

const RESULT = /^(ok|not ok) (\d+) ([^#]*?)(?: # ?(.*))?$/;

class Parser {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  peek(): string | undefined {
    return this.#lines[this.#next];
  }

  /** Parses a version line, a plan and as many tests as it says, all with the same indentation. */
  tests(indent: string): Ktap {
    this.#take(indent, /^KTAP version 1$/);
    const subtest = this.#takeIf(indent, /^# Subtest: (.+)$/)?.[1];
    const plan = this.#take(indent, /^1\.\.(\d+)(?: # SKIP .+)?$/);
    const count = Number(plan[1]);
    const tests: KtapTest[] = [];
    while (tests.length < count) {
      tests.push(this.#test(indent, tests.length + 1));
    }
    const trailer = this.#diagnostics(indent);
    if (subtest !== undefined) {
      const [, , , name] = RESULT.exec(this.peek()?.slice(Math.max(0, indent.length - 2)) ?? "") ?? [];
      if (name !== subtest) {
        throw new Error(`subtest ${subtest} ends with the result of ${name}`);
      }
    }
    return { tests, trailer };
  }

  #test(indent: string, number: number): KtapTest {
    const diagnostics = this.#diagnostics(indent);
    const inner = `${indent}  `;
    const subtests = this.peek()?.startsWith(`${inner}KTAP`) === true ? this.tests(inner).tests : [];
    const [, result, found, name = "", more] = this.#take(indent, RESULT);
    if (Number(found) !== number) {
      throw new Error(`want test ${number}, found ${found}`);
    }
    const skip = more === undefined ? null : /^SKIP ?(.*)$/.exec(more);
    return {
      name,
      ok: result === "ok",
      skipped: skip?.[1],
      remark: skip === null ? more : undefined,
      diagnostics,
      subtests,
    };
  }

  #diagnostics(indent: string): string[] {
    const lines: string[] = [];
    for (
      let match = this.#takeIf(indent, /^#(?: (.*))?$/);
      match !== null;
      match = this.#takeIf(indent, /^#(?: (.*))?$/)
    ) {
      lines.push(match[1] ?? "");
    }
    return lines;
  }

  #take(indent: string, pattern: RegExp): RegExpExecArray {
    const match = this.#takeIf(indent, pattern);
    if (match === null) {
      throw new Error(`line ${this.#next + 1} does not match ${pattern}: ${this.peek()}`);
    }
    return match;
  }

  #takeIf(indent: string, pattern: RegExp): RegExpExecArray | null {
    const line = this.peek();
    const match = line?.startsWith(indent) === true ? pattern.exec(line.slice(indent.length)) : null;
    this.#next += match === null ? 0 : 1;
    return match;
  }
}
