import { describe, expect, test } from "vitest";
import { compileC } from "../../../gate/compile/clang.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import "../../../gate/module/web-assembly.ts";
import { wasm } from "../../../gate/module/web-assembly.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A section with one table of functions, with given flags in its limits and the sizes 2 … 2. */
const table = (flags: number): number[] => [4, 5, 1, 0x70, flags, 2, 2];
const custom = [0, 3, 1, 0x41, 0x05];

describe("withoutTable64", () => {
  test("clears the 64-bit flag of a table, and nothing else", () => {
    const module = new Uint8Array([...HEADER, ...custom, ...table(0b101), ...custom]);
    expect([...withoutTable64(module)]).toEqual([...HEADER, ...custom, ...table(0b001), ...custom]);
  });

  test("does not change its argument", () => {
    const module = new Uint8Array([...HEADER, ...table(0b101)]);
    withoutTable64(module);
    expect([...module]).toEqual([...HEADER, ...table(0b101)]);
  });

  test("does not change a module without tables, or with long sections", () => {
    const long = [0, 0x80 | 72, 1, ...Array<number>(200).fill(4)];
    const module = new Uint8Array([...HEADER, ...long, ...table(0b100)]);
    expect([...withoutTable64(module)]).toEqual([...HEADER, ...long, ...table(0)]);
    const without = new Uint8Array([...HEADER, ...custom]);
    expect([...withoutTable64(without)]).toEqual([...HEADER, ...custom]);
  });

  test("preserves calls through pointers to functions", async () => {
    const text = `
      static int twice(int x) { return 2 * x; }
      static int thrice(int x) { return 3 * x; }
      int (*volatile chosen)(int) = twice;
      __attribute__((export_name("choose"))) int choose(int which, int x)
      {
        if (which) chosen = thrice;
        return chosen(x);
      }`;
    const configuration = configurationOf("page-mapcount,64bit,mm-id");
    const module = withoutTable64(await compileC({ text, configuration, instrumented: false }));
    enableMemory64();
    const { exports } = new wasm.Instance(new wasm.Module(module), {});
    const choose = exports["choose"] as (which: number, x: number) => number;
    expect([choose(0, 5), choose(1, 5)]).toEqual([10, 15]);
  });
});
