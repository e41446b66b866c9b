import { describe, expect, test } from "vitest";
import { withoutTable64 } from "../../gate/memory64.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A section of one table of functions, with limits of so many flags and the sizes 2 … 2. */
const table = (flags: number): number[] => [4, 5, 1, 0x70, flags, 2, 2];
const custom = [0, 3, 1, 0x41, 0x05];

describe("withoutTable64", () => {
  test("clears what marks a table as 64-bit, and nothing else", () => {
    const module = new Uint8Array([...HEADER, ...custom, ...table(0b101), ...custom]);
    expect([...withoutTable64(module)]).toEqual([...HEADER, ...custom, ...table(0b001), ...custom]);
  });

  test("leaves the given bytes alone", () => {
    const module = new Uint8Array([...HEADER, ...table(0b101)]);
    withoutTable64(module);
    expect([...module]).toEqual([...HEADER, ...table(0b101)]);
  });

  test("leaves a module without tables as it is, and one with long sections", () => {
    const long = [0, 0x80 | 72, 1, ...Array<number>(200).fill(4)];
    const module = new Uint8Array([...HEADER, ...long, ...table(0b100)]);
    expect([...withoutTable64(module)]).toEqual([...HEADER, ...long, ...table(0)]);
    const without = new Uint8Array([...HEADER, ...custom]);
    expect([...withoutTable64(without)]).toEqual([...HEADER, ...custom]);
  });
});
