/** Symbolic execution does what the compiled code does: on the kernel of our own, and on C made for the purpose. */
import { beforeAll, describe, expect, test } from "vitest";
import { compileC } from "../../gate/compile/clang.ts";
import { enableMemory64, withoutTable64 } from "../../gate/module/memory64.ts";
import { wasm } from "../../gate/module/web-assembly.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { runningModule } from "../../proof/c/compiled-functions.ts";
import { compiledTerms } from "../../proof/c/compiled-terms.ts";
import { proofModule } from "../../proof/c/proof-module.ts";
import { agreement } from "../../proof/symbolic/agreement.ts";
import { SymbolicInstance } from "../../proof/symbolic/execute.ts";
import { type Assignment, evaluator, signed, variable } from "../../proof/symbolic/term.ts";
import { decodeModule } from "../../proof/symbolic/wasm-module.ts";
import * as fc from "../fast-check.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { ownUnit } from "../gate/own-tree.ts";

const CONFIGS = ["page-mapcount,64bit,mm-id", "page-mapcount,32bit,mm-id"];

/** Each takes two numbers. Values that they store in memory they load again. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  branches: "if (a < b) return a - b; if (a == 7) { a += 3; if (b & 1) return a; } else a <<= 3; return a ^ b;",
  // An address with two alternatives, through both of which the same word is reached.
  alternatives:
    "int *at = a > 5 ? table : a > 2 ? table + 1 : table + 2; table[0] = 1; table[1] = 2; table[2] = 3; *at = b; *at += a;" +
    " if (b > a) *at = *at + 1; return table[0] + 3 * table[1] + 9 * table[2];",
  // An index that is computed from a condition, in its bytes and in more of them.
  computed_alternatives:
    "volatile unsigned char i = (unsigned char)(3 - (a > 5)); volatile short k = (short)-(b > 2); table[2] = a; table[3] = b;" +
    " table[4] = 1; return table[i] + 5 * table[4 + k];",
  // The same address in two of three cases; a volatile variable keeps the compiler from merging them.
  cases_of_one_address:
    "volatile int i; if (a > 5) i = 1; else if (b > 2) i = 0; else i = 1; table[0] = 7; table[1] = 8; table[i & 1] = b;" +
    " return table[0] + 3 * table[1];",
  widths:
    "*(volatile unsigned char *)table = a; *(volatile short *)(table + 1) = b; long long wide = (long long)a * b;" +
    " *(volatile long long *)(table + 2) = wide; return *(volatile signed char *)table + *(volatile short *)(table + 1) + (int)(wide >> 7);",
  cases:
    "switch (a & 7) { case 0: return b; case 1: return 5; case 2: return b + 1; case 3: return -b; case 5: return 9; } return a;",
  calls: "return square(a) - square(b) + (a > b ? square(3) : other(a, b));",
  shifts: "return (a << (b & 31)) ^ (a >> (b & 15)) ^ ((unsigned int)a >> (b & 7));",
  compares:
    "return (a < b) + 2 * (a <= b) + 4 * ((unsigned)a < (unsigned)b) + 8 * ((unsigned)a >= (unsigned)b) + 16 * (a != b);",
};

const TEXT = `
static int table[8];
static __attribute__((noinline)) int square(int x) { return x * x; }
static __attribute__((noinline)) int other(int x, int y) { if (x == 4) return y; return x - 2 * y; }
__attribute__((export_name("loop"))) int loop(int a, int b) { int n = 0; while (a > b) { a -= (a & 7) + 1; n++; } return n; }
__attribute__((export_name("unwritten"))) int unwritten(void) { return table[2]; }
__attribute__((export_name("anywhere"))) int anywhere(int a, int b) { return table[a & 7] + b; }
${Object.entries(FUNCTIONS)
  .map(([name, body]) => `__attribute__((export_name("${name}"))) int ${name}(int a, int b) { ${body} }`)
  .join("\n")}`;

describe.each(CONFIGS)("Symbolic execution (%s)", (config) => {
  const configuration = configurationOf(config);
  let bytes: Uint8Array<ArrayBuffer>;

  beforeAll(async () => {
    bytes = await compileC({ text: TEXT, configuration, instrumented: false });
  });

  test.each(Object.keys(FUNCTIONS))("of %s returns what the code returns", async (name) => {
    enableMemory64();
    const { exports } = new wasm.Instance(await wasm.compile(withoutTable64(bytes)), {});
    const result = new SymbolicInstance(decodeModule(bytes)).call(name, [variable("a", 32), variable("b", 32)]);
    const small = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(fc.oneof(small, fc.integer()), fc.oneof(small, fc.integer()), (a, b) => {
        const assignment: Assignment = (symbol) => BigInt(symbol === "a" ? a : symbol === "b" ? b : 0);
        const said = result && Number(signed(evaluator(assignment)(result), 32));
        expect(said).toBe((exports[name] as (one: number, other: number) => number)(a, b));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["loop", "a loop"],
    ["anywhere", "an address that depends on a value"],
  ])("refuses %s: it has %s", (name, what) => {
    const instance = new SymbolicInstance(decodeModule(bytes));
    expect(() => instance.call(name, [variable("a", 32), variable("b", 32)])).toThrow(what);
  });

  test("takes memory that nothing has written for anything", () => {
    const result = new SymbolicInstance(decodeModule(bytes)).call("unwritten", []);
    const evaluate = evaluator((name) => (name.startsWith("byte@") ? 0x11n : 0n));
    expect(result && evaluate(result)).toBe(0x11111111n);
  });

  test("of the kernel of our own does what its code does", async () => {
    const module = await proofModule(await ownUnit(configuration), testCacheFolder);
    expect(agreement(compiledTerms(module), await runningModule(module))).toEqual({ kind: "agrees", calls: 600 });
  });
});
