/** Generates C functions with random control flow, in which each line reports its execution. */

/** A program, which is determined by its number of functions. */
export interface RandomProgram {
  /** Text of `mm/random.c`. It calls `int hit(int line)`, whose result determines the control flow. */
  readonly text: string;
  /** Names of its exported functions. */
  readonly functions: readonly string[];
  /** Lines that call `hit`. */
  readonly lines: readonly number[];
}

/**
 * Returns a program.
 *
 * @param count number of functions
 */
export function randomProgram(count: number): RandomProgram {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 12) % limit;
  };
  const text: string[] = [];
  const lines: number[] = [];
  /** Returns a call with the number of the next line. */
  const hit = (): string => {
    lines.push(text.length + 1);
    return `hit(${text.length + 1})`;
  };
  const add = (line: (call: string) => string): void => {
    const call = hit();
    text.push(line(call));
  };
  const block = (depth: number, callable: number, inLoop: boolean): void => {
    for (let i = 0; i <= below(3); i++) {
      statement(depth, callable, inLoop);
    }
  };
  const statement = (depth: number, callable: number, inLoop: boolean): void => {
    switch (depth === 0 ? 0 : below(9)) {
      case 1:
        add((call) => `if (${call} & 1) {`);
        block(depth - 1, callable, inLoop);
        text.push("} else {");
        block(depth - 1, callable, inLoop);
        text.push("}");
        break;
      case 2:
        add((call) => `while (${call} & 1) {`);
        block(depth - 1, callable, true);
        text.push("}");
        break;
      case 3:
        text.push("do {");
        block(depth - 1, callable, true);
        add((call) => `} while (${call} & 2);`);
        break;
      case 4:
        add((call) => `switch (${call} & 7) {`);
        for (let label = 0; label < 5; label++) {
          text.push(`case ${label}:`);
          block(depth - 1, callable, inLoop);
          if (below(2) === 0) {
            text.push("break;");
          }
        }
        text.push("}");
        break;
      case 5:
        add((call) => `if (${call} & 4) ${inLoop ? ["break", "continue"][below(2)] : "return 1"};`);
        break;
      case 6:
        add((call) => `if (${call} & 8) goto out;`);
        break;
      case 7:
        add((call) => (callable === 0 ? `${call};` : `random_${below(callable)}(${call});`));
        break;
      default:
        add((call) => `${call};`);
    }
  };
  const functions = Array.from({ length: count }, (_, i) => `random_${i}`);
  text.push("int hit(int line);");
  for (const [i, name] of functions.entries()) {
    text.push(
      `${below(2) === 0 ? "" : "__attribute__((noinline)) "}__attribute__((export_name("${name}"))) int ${name}() {`,
    );
    block(3, i, false);
    text.push("out:");
    add((call) => `return ${call};`);
    text.push("}");
  }
  return { text: ['#line 1 "mm/random.c"', ...text].join("\n"), functions, lines };
}
