/** Random programs that store to memory in all ways that the compiler uses: changed chunks are marked. */
import { beforeAll, describe, expect, test } from "vitest";
import { CHUNK_BYTES, Mark, withDirtyMarks } from "../../../gate/image/module/dirty-marks.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { type WasmMemory, wasm } from "../../../gate/module/web-assembly.ts";
import * as fc from "../../fast-check.ts";
import { compiledText } from "./compiled-text.ts";

/** Address of the marks, behind the stack and the data of the module. */
const MARKS_AT = 131_072;

/** Start of the data for the marks, behind the stack. */
const DATA = 65_536;

const AREA_BYTES = 4096;

const TEXT = `
#define EXPORT(name) __attribute__((export_name(#name)))
typedef unsigned long long u64;
static unsigned char area[${AREA_BYTES}] __attribute__((aligned(64)));
static const unsigned char other[256] = { 1, 2, 3 };
struct __attribute__((packed)) odd { unsigned char first; u64 second; unsigned short third; };
EXPORT(start) int start(void) { return (int)(unsigned long)area; }
EXPORT(byte) void byte(int at, int value) { area[at] = value; }
EXPORT(half) void half(int at, int value) { *(unsigned short *)(area + (at & ~1)) = value; }
EXPORT(word) void word(int at, int value) { *(int *)(area + (at & ~3)) = value; }
EXPORT(wide) void wide(int at, int value) { *(u64 *)(area + (at & ~7)) = (u64)value * 0x100000001; }
EXPORT(low) void low(int at, int value) { *(int *)(area + (at & ~3)) = (u64)value * 3; }
EXPORT(packed) void packed(int at, int value) { *(struct odd *)(area + at) = (struct odd){ value, value, value }; }
EXPORT(fill) void fill(int at, int value) { __builtin_memset(area + at, value, value & 255); }
EXPORT(copy) void copy(int at, int value) { __builtin_memmove(area + at, other + (value & 15), value & 127); }
EXPORT(anywhere) void anywhere(int at, int value) { *(int *)(unsigned long)at = value; }
EXPORT(range) void range(int at, int length) { __builtin_memset((void *)(unsigned long)at, 1, length); }
EXPORT(unmarked) void unmarked(int at, int value) { area[at] = value; }
`;

const WAYS = ["byte", "half", "word", "wide", "low", "packed", "fill", "copy"] as const;

interface Marked {
  readonly call: (name: string, at: number, value: number) => void;
  readonly area: Uint8Array;
  /** Whether a chunk of the area is marked. */
  readonly isMarked: (chunk: number) => boolean;
  /** Whether memory outside the stack and the data was written. */
  readonly isElsewhereMarked: () => boolean;
  readonly clear: () => void;
}

async function marked(is64Bit: boolean, optimisation: string): Promise<Marked> {
  enableMemory64();
  const bytes = await compiledText(TEXT, optimisation, is64Bit, ["-mbulk-memory"]);
  const module = await wasm.compile(
    withoutTable64(withDirtyMarks(bytes, { marks: MARKS_AT, data: DATA, unmarked: [] }, ["unmarked"])),
  );
  const { exports } = new wasm.Instance(module, { env: {} });
  const call = (name: string, at: number, value: number): number =>
    (exports[name] as (at: number, value: number) => number)(at, value);
  const { buffer } = exports["memory"] as WasmMemory;
  const start = call("start", 0, 0);
  const marks = new Uint8Array(buffer, MARKS_AT, 2 * Mark.count);
  return {
    call,
    area: new Uint8Array(buffer, start, AREA_BYTES),
    isMarked: (chunk) => marks[Mark.data + (start - DATA) / CHUNK_BYTES + chunk] !== 0,
    isElsewhereMarked: () => marks[Mark.elsewhere] !== 0,
    clear: () => marks.fill(0),
  };
}

describe.each([
  [false, "-O0"],
  [false, "-O2"],
  [true, "-O1"],
] as const)("dirty marks (64 bits: %s, %s)", (is64Bit, optimisation) => {
  let module: Marked;
  beforeAll(async () => {
    module = await marked(is64Bit, optimisation);
  });

  test("marks all chunks that a program writes to, and few others", () => {
    const write = fc.record({
      way: fc.constantFrom(...WAYS),
      at: fc.integer({ min: 0, max: AREA_BYTES - 512 }),
      value: fc.integer({ min: 1, max: 0xffff }),
    });
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 8 }), (writes) => {
        module.area.fill(0);
        module.clear();
        for (const { way, at, value } of writes) {
          module.call(way, at, value);
        }
        for (let chunk = 0; chunk < AREA_BYTES / CHUNK_BYTES; chunk++) {
          const [from, to] = [chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES];
          const isWritten = module.area.subarray(from, to).some((byte) => byte !== 0);
          const mayBeMarked = writes.some(({ at }) => at < to && at + 255 >= from);
          expect(module.isMarked(chunk) || !isWritten).toBe(true);
          expect(mayBeMarked || !module.isMarked(chunk)).toBe(true);
        }
        expect(module.isElsewhereMarked()).toBe(false);
      }),
    );
  });

  test("marks writes outside the stack and the data", () => {
    const beyond = DATA + (Mark.elsewhere - Mark.data) * CHUNK_BYTES;
    const isMarkedAfter = (name: string, at: number, value: number): boolean => {
      module.clear();
      module.call(name, at, value);
      return module.isElsewhereMarked();
    };
    module.clear();
    expect(isMarkedAfter("anywhere", beyond - 4, 1)).toBe(false);
    expect(isMarkedAfter("anywhere", beyond, 1)).toBe(true);
    expect(isMarkedAfter("range", beyond - 64, 64)).toBe(false);
    expect(isMarkedAfter("range", beyond - 64, 65)).toBe(true);
    expect(isMarkedAfter("range", beyond + 64, 1)).toBe(true);
    module.clear();
  });

  test("marks no chunk for a length of 0, or in a function that is excluded", () => {
    module.clear();
    module.call("fill", 64, 256);
    module.call("copy", 128, 128);
    module.call("unmarked", 256, 1);
    expect([1, 2, 4].map(module.isMarked)).toEqual([false, false, false]);
    expect(module.area[256]).toBe(1);
  });
});
