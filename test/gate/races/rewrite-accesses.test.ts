import { expect, test } from "vitest";
import { compileC } from "../../../gate/compile/clang.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { type WasmMemory, wasm } from "../../../gate/module/web-assembly.ts";
import { type Place, withAccesses } from "../../../gate/races/rewrite-accesses.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";

/** Loads and stores of every width, to shared memory and to the stack frame of a leaf function. */
const TEXT = `
#define OP(name) __attribute__((export_name("ran_" #name))) int ran_##name(void) { return 0; } __attribute__((export_name(#name), noinline)) int name
__attribute__((import_module("port"), import_name("port_load"))) int port_load(int address, int bytes, int mask, int place);
__attribute__((import_module("port"), import_name("port_store"))) void port_store(int address, int bytes, int low, int high, int place);
__attribute__((import_module("port"), import_name("port_left"))) void port_left(int low, int high);
int gate_shared[4];
__attribute__((export_name("gate_enter"))) void gate_enter(int function) { gate_shared[2]++; }
__attribute__((export_name("gate_leave"))) void gate_leave(int low, int high) { gate_shared[2]--; port_left(low, high); }
__attribute__((export_name("gate_uses"))) void gate_uses(void) { port_load(0, 0, 0, 0); port_store(0, 0, 0, 0, 0); }
__attribute__((export_name("gate_place"))) int gate_place(int which);
struct shared { long long wide; int word; short half[2]; signed char bytes[4]; unsigned int large; unsigned short small[2]; } shared[2];
int gate_place(int which) { return (int)(unsigned long)(which ? (void *)gate_shared : (void *)shared); }
#line 100 "some/file.c"
OP(wide)(int x) { long long own[3] = { x, x + 1, x + 2 }; shared[1].wide += own[x & 1] << 33; return (int)(shared[1].wide >> 33) + (int)own[2]; }
OP(word)(int x) { int own[2] = { x, 3 }; shared[1].word -= own[0]; return shared[1].word * own[1]; }
OP(half)(int x) { int own = x; shared[1].half[1] -= own; return shared[1].half[1] + own; }
OP(byte)(int x) { int own = x; shared[1].bytes[3] -= own; return shared[1].bytes[3] + own; }
OP(unsigneds)(int x) { long long own = shared[1].large; shared[1].small[0] = x; own += shared[1].small[0]; shared[1].large = x; return (int)(own >> 3); }
OP(masked)(int x) { shared[1].word = x * 77; shared[1].wide = x * 77777777777LL; return (shared[1].word & 0xf0) + (int)(shared[1].wide & 0xff00) + (shared[1].word & ~7) + ((int)shared[1].wide & 12); }
OP(sum)(int x) { int all = 0; for (int i = 0; i < 3; i++) all += word(i + x) + byte(x); return all; }
`;

interface Ran {
  readonly results: readonly number[];
  readonly accesses: readonly string[];
  readonly left: number;
  readonly depth: number | undefined;
}

const NAMES = ["wide", "word", "half", "byte", "unsigneds", "masked", "sum"];

function lineOf(place: Place | undefined): string {
  return place?.source === undefined ? "" : `${place.source.file}:${place.source.line}`;
}

/** Runs everything, with shared memory in the module itself or behind its imports. */
async function runAll(bytes: Uint8Array<ArrayBuffer>, is64Bit: boolean, rewrites: boolean, stopAt = -1): Promise<Ran> {
  const plain = new wasm.Instance(await wasm.compile(withoutTable64(bytes)), {
    port: { port_load: () => 0, port_store: () => {}, port_left: () => {} },
  });
  const placeOf = plain.exports["gate_place"] as (which: number) => number;
  const [address, numbers] = [placeOf(0), placeOf(1)];
  const range = { address, bytes: 64, high: numbers, stopping: numbers + 4 };
  const { bytes: changed, places } = withAccesses(bytes, range, is64Bit, new Set());
  const shared = new DataView(new ArrayBuffer(64));
  const accesses: string[] = [];
  let left = 0;
  const memoryOf = (): Int32Array => new Int32Array((instance.exports["memory"] as WasmMemory).buffer);
  const stops = (text: string): boolean => {
    if (accesses.length === stopAt) {
      memoryOf()[(numbers >> 2) + 1] = 1;
      return true;
    }
    accesses.push(text);
    return false;
  };
  const imports = {
    port_load: (at: number, size: number, mask: number, place: number): number => {
      const offset = at - address;
      if (stops(`load ${offset} ${size} ${lineOf(places[place])}`)) {
        return 0;
      }
      memoryOf()[numbers >> 2] = size === 8 && mask === -1 ? shared.getInt32(offset + 4, true) : 0;
      const bits =
        size === 1
          ? shared.getUint8(offset)
          : size === 2
            ? shared.getUint16(offset, true)
            : shared.getInt32(offset, true);
      // Other fields are not used.
      return bits & mask;
    },
    port_store: (at: number, size: number, low: number, high: number, place: number): void => {
      const offset = at - address;
      if (stops(`store ${offset} ${size} ${lineOf(places[place])}`)) {
        return;
      }
      if (size === 1) {
        shared.setUint8(offset, low & 0xff);
      } else if (size === 2) {
        shared.setUint16(offset, low & 0xffff, true);
      } else {
        shared.setInt32(offset, low, true);
      }
      if (size === 8) {
        shared.setInt32(offset + 4, high, true);
      }
    },
    port_left: () => {
      left++;
    },
  };
  const instance = rewrites ? new wasm.Instance(await wasm.compile(withoutTable64(changed)), { port: imports }) : plain;
  const results = NAMES.flatMap((name) =>
    [1, 300, -7].map((x) => (instance.exports[name] as (x: number) => number)(x)),
  );
  return { results, accesses, left, depth: memoryOf()[(numbers >> 2) + 2] };
}

test.each([
  ["page-mapcount,32bit,mm-id", "-O0"],
  ["page-mapcount,32bit,mm-id", "-O2"],
  ["page-mapcount,64bit,mm-id", "-O0"],
  ["page-mapcount,64bit,mm-id", "-O2"],
] as const)("%s, %s: loads and stores by calls do what they do in memory", async (words, threads) => {
  enableMemory64();
  const configuration = configurationOf(words);
  const bytes = await compileC({ text: TEXT, configuration, instrumented: false, threads });
  const [own, called] = [
    await runAll(bytes, configuration.is64Bit, false),
    await runAll(bytes, configuration.is64Bit, true),
  ];
  expect(called.results).toEqual(own.results);
  expect(own.accesses).toEqual([]);
  // The second struct begins at byte 32. No logged access is to a stack frame, and each has its line.
  expect(new Set(called.accesses.map((text) => text.replace(/^(\w+) \d+ (\d) .*:(\d+)$/, "$1 $2")))).toEqual(
    new Set(["load 8", "store 8", "load 4", "store 4", "load 2", "store 2", "load 1", "store 1"]),
  );
  expect(called.accesses[0]).toBe("load 32 8 some/file.c:100");
  // Every function that begins also ends.
  expect(called.depth).toBe(0);
  expect(called.left).toBeGreaterThanOrEqual(NAMES.length * 3);
  // In a stopped run every function returns immediately, and none reports its end.
  const stopped = await runAll(bytes, configuration.is64Bit, true, 4);
  expect(stopped.accesses).toEqual(called.accesses.slice(0, 4));
});
