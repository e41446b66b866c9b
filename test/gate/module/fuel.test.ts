import { beforeAll, describe, expect, test } from "vitest";
import { compileC } from "../../../gate/compile/clang.ts";
import { FUEL, MOST_ITERATIONS, withFuel } from "../../../gate/module/fuel.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { type WasmGlobal, wasm } from "../../../gate/module/web-assembly.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";

/** Loops of all forms, with volatile effects or none. */
const LOOPS = `
#define OP(name) __attribute__((export_name(#name))) int name
#define for_each(i, count) for (int i = 0; i < (count); i++)
#define forever while (1)
volatile int seen;
static __attribute__((noinline)) int helper(int count) { for_each(i, count) seen++; return count; }
OP(turns)(int count) { return helper(count); }
OP(two_helpers)(int count) { return helper(count) + helper(count); }
OP(nested)(int count) { for_each(i, count) for_each(j, count) seen++; return 0; }
OP(for_ever)(int count) { for (;;) seen++; }
OP(macro_for_ever)(int count) { forever { seen++; } return 0; }
OP(do_for_ever)(int count) { do { seen++; } while (count); return 0; }
OP(does_nothing_for_ever)(int count) { while (count) ; return 0; }
OP(nothing_that_is_seen)(unsigned int count) { for (unsigned int i = 1; i != 0; i += 2) count ^= i; return 0; }
OP(by_goto)(int count)
{
again:
	seen++;
	if (count)
		goto again;
	return 0;
}
OP(two_labels)(int count)
{
	if (count & 1)
		goto second;
first:
	seen++;
second:
	seen--;
	if (count)
		goto first;
	return 0;
}
OP(by_switch)(int count)
{
	switch (count) {
	case 1: do { seen++;
	case 2: seen++; } while (count);
	default: return 0;
	}
}
OP(once)(int count) { do { seen++; } while (0); return count; }
OP(many_kinds)(int count)
{
	double d = count * 1.5; float f = d; long long l = (long long)f << 40; unsigned char bytes[100];

	__builtin_memset(bytes, count, sizeof(bytes));
	for_each(i, 50) bytes[i] += bytes[99 - i];
	switch (count) { case 0: return 1; case 1: return 2; case 2: return 7; case 3: seen = 3; case 4: return 9; case 6: return bytes[3]; }
	return (int)(l >> 41) + bytes[7] + (int)d;
}
`;

type Exports = Readonly<Record<string, (count: number) => number>>;

describe.each(["page-mapcount,32bit,mm-id", "page-mapcount,64bit,mm-id"])("%s: a module with fuel", (config) => {
  let exports: Exports;
  let fuel: WasmGlobal;

  beforeAll(async () => {
    enableMemory64();
    const source = { text: LOOPS, configuration: configurationOf(config), instrumented: false };
    const module = await wasm.compile(withFuel(withoutTable64(await compileC(source))));
    const instance = new wasm.Instance(module, {});
    exports = instance.exports as Exports;
    fuel = instance.exports[FUEL] as WasmGlobal;
  });

  const call = (name: string, count: number): number => (exports[name] as (count: number) => number)(count);

  test.each([
    "for_ever",
    "macro_for_ever",
    "do_for_ever",
    "does_nothing_for_ever",
    "nothing_that_is_seen",
    "by_goto",
    "two_labels",
    "by_switch",
  ])("%s() traps without fuel", (name) => {
    expect(() => call(name, 2)).toThrow(wasm.RuntimeError);
    expect(fuel.value).toBe(0);
  });

  test.each(["do_for_ever", "does_nothing_for_ever", "by_goto", "two_labels", "by_switch"])(
    "%s() returns where its loop ends",
    (name) => {
      expect(call(name, 0)).toBe(0);
    },
  );

  test("every call begins with full fuel, also after one that trapped", () => {
    expect(() => call("turns", 10 * MOST_ITERATIONS)).toThrow(wasm.RuntimeError);
    for (let i = 0; i < 3; i++) {
      expect(call("turns", 0.9 * MOST_ITERATIONS)).toBe(0.9 * MOST_ITERATIONS);
    }
  });

  test("iterations in called functions and in inner loops are added", () => {
    // The compiler may have unrolled loops.
    call("turns", 1024);
    const once = MOST_ITERATIONS - Number(fuel.value);
    call("two_helpers", 1024);
    expect(once).toBeGreaterThan(0);
    expect(MOST_ITERATIONS - Number(fuel.value)).toBe(2 * once);
    expect(call("nested", 500)).toBe(0);
    expect(() => call("nested", 10_000)).toThrow(wasm.RuntimeError);
  });

  test("a loop with one iteration costs nothing", () => {
    expect(call("once", 5)).toBe(5);
    expect(fuel.value).toBe(MOST_ITERATIONS);
  });

  test("has the same results as without fuel", () => {
    expect([0, 1, 2, 4, 8].map((count) => call("many_kinds", count))).toEqual([1, 2, 7, 9, 6 + 16 + 12]);
  });

  test("counts iterations except in functions that are known to terminate", async () => {
    const source = { text: LOOPS, configuration: configurationOf(config), instrumented: false };
    const bytes = withFuel(withoutTable64(await compileC(source)), ["helper"]);
    const instance = new wasm.Instance(await wasm.compile(bytes), {});
    const run = instance.exports as Exports;
    expect(run["turns"]?.(10 * MOST_ITERATIONS)).toBe(10 * MOST_ITERATIONS);
    expect(Number((instance.exports[FUEL] as WasmGlobal).value)).toBe(MOST_ITERATIONS);
    expect(() => run["nested"]?.(10_000)).toThrow(wasm.RuntimeError);
  });
});
