/** A clang of the host as the compiler of units. The tests are skipped if it cannot compile to WebAssembly. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { clangOnPath, type NativeClang } from "../../../gate/compile/native-clang.ts";
import { nativeUnits } from "../../../gate/compile/native-units.ts";
import type { UnitCompiler } from "../../../gate/compile/unit-compiler.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { newFolder } from "../tree-copy.ts";

const native = clangOnPath();
const folder = newFolder();
const units = (clang: Partial<NativeClang> = {}): UnitCompiler =>
  nativeUnits({ ...(native as NativeClang), ...clang }, folder);

const source = (text: string, words = "page-mapcount,32bit,mm-id"): Parameters<UnitCompiler["compile"]>[0] => ({
  text,
  configuration: configurationOf(words),
  instrumented: false,
});

describe.skipIf(native === undefined)("a native clang (16 or later with wasm-ld on the PATH)", () => {
  test.each(["page-mapcount,32bit,mm-id", "page-mapcount,64bit,mm-id"])("links a module: %s", async (words) => {
    const bytes = await units().compile(source("int f(void) { return 7; }", words));
    expect(Buffer.from(bytes.subarray(0, 4)).toString("latin1")).toBe("\0asm");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("compiles a source to the same module in any folder", async () => {
    const traced = { ...source("int f(int *p) { return *p; }"), threads: "-O2" } as const;
    expect(await nativeUnits(native as NativeClang, newFolder()).compile(traced)).toEqual(
      await units().compile(traced),
    );
  });

  test("reports the first errors with their places", async () => {
    const faulty = source('# 51 "mm/rmap.c"\nint f(int a) { return f(); }\n');
    await expect(units().compile(faulty)).rejects.toThrow(/^mm\/rmap\.c:51:\d+: error: too few arguments/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("prints layouts of structs for other targets", async () => {
    const text = "struct probe { char a; long b; } probe;";
    expect(await units().layouts(text, "x86_64-linux-gnu")).toMatch(/ 8 \|\s+long b/);
    expect(await units().layouts(text, "i386-linux-gnu")).toMatch(/ 4 \|\s+long b/);
  });
});

test("a clang that cannot run is reported", async () => {
  const missing = nativeUnits({ clang: "no-clang", linker: "no-ld", version: "none" }, folder);
  await expect(missing.compile(source(""))).rejects.toThrow(/^cannot run no-clang: /);
});
