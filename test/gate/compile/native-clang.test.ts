/** Selection among the programs of a host: scripts that print a version as clang and wasm-ld do. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clangOnPath, namedClang } from "../../../gate/compile/native-clang.ts";
import { newFolder } from "../tree-copy.ts";

/** Creates programs in a folder. @param versions by name: the version that a program prints */
function programs(versions: Readonly<Record<string, string>>, targets = "wasm32 wasm64"): string {
  const folder = newFolder();
  for (const [name, version] of Object.entries(versions)) {
    const lines = targets.split(" ").map((target) => `  ${target} - a target`);
    const script = `#!/bin/sh\ncase "$1" in --version) echo "${version}";; *) printf '%s\\n' "${lines.join('" "')}";; esac\n`;
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const clang = (major: number): string => `Some clang version ${major}.0.6 (some packager)`;
const linker = (major: number): string => `Some LLD ${major}.0.6`;

describe("the clang of the host", () => {
  test("is the one without a version in its name, with the linker of its version", () => {
    const folder = programs({
      clang: clang(19),
      "clang-20": clang(20),
      "wasm-ld": linker(20),
      "wasm-ld-19": linker(19),
    });
    expect(clangOnPath(folder)).toEqual({
      clang: join(folder, "clang"),
      linker: join(folder, "wasm-ld-19"),
      version: `${clang(19)}, ${linker(19)}`,
    });
  });

  test("is the newest one with a version in its name if the one without is too old", () => {
    const folder = programs({
      clang: clang(15),
      "clang-16": clang(16),
      "clang-18": clang(18),
      "wasm-ld": linker(18),
    });
    expect(clangOnPath(folder)?.clang).toBe(join(folder, "clang-18"));
  });

  test("may have a newer linker, and not an older one", () => {
    expect(clangOnPath(programs({ clang: clang(16), "wasm-ld": linker(17) }))).toBeDefined();
    expect(clangOnPath(programs({ clang: clang(17), "wasm-ld": linker(16) }))).toBeUndefined();
  });

  test("is undefined for an empty path", () => {
    expect(clangOnPath("")).toBeUndefined();
    expect(clangOnPath(newFolder())).toBeUndefined();
  });

  test.each([
    ["is too old", { "my-clang": clang(15), "wasm-ld": linker(16) }, "wasm64", "it has version 15"],
    ["has no linker", { "my-clang": clang(17) }, "wasm64", "it has no wasm-ld"],
    [
      "does not compile to WebAssembly",
      { "my-clang": clang(17), "wasm-ld": linker(17) },
      "arm64",
      "does not make WebAssembly",
    ],
    ["is another program", { "my-clang": "gcc 14" }, "wasm64", "it is no clang that runs"],
    ["does not exist", {}, "wasm64", "it is no clang that runs"],
  ] as const)("is rejected by namedClang() if it %s", (_, versions, targets, why) => {
    const folder = programs(versions, targets);
    expect(() => namedClang("my-clang", folder)).toThrow(why);
    expect(() => namedClang(join(folder, "my-clang"), folder)).toThrow(why);
  });

  test("is searched on the path by namedClang()", () => {
    const folder = programs({ "my-clang": clang(17), "wasm-ld": linker(17) });
    expect(namedClang("my-clang", folder).clang).toBe(join(folder, "my-clang"));
  });
});
