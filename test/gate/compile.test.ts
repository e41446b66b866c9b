import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMPILER, CompileError } from "../../gate/clang.ts";
import { compileUnit } from "../../gate/compile.ts";
import type { KernelUnit } from "../../gate/compiled-kernel.ts";
import { configurationOf } from "../../gate/configurations.ts";
import { ownUnit } from "./own-tree.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-cache-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const plain = (): Promise<KernelUnit> => ownUnit(configurationOf("page-mapcount,32bit,mm-id"));

describe("the cache of modules", () => {
  test("keeps two modules for a unit, whole, and finds them again", async () => {
    const unit = await plain();
    await compileUnit(unit, folder);
    const kept = readdirSync(folder);
    expect(kept).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}\.wasm$/),
      expect.stringMatching(/^[0-9a-f]{64}\.wasm$/),
    ]);
    await compileUnit(unit, folder);
    expect(readdirSync(folder)).toEqual(kept);
  });

  test("compiles again what is damaged", async () => {
    const unit = await plain();
    await compileUnit(unit, folder);
    for (const name of readdirSync(folder)) {
      writeFileSync(join(folder, name), "no module");
    }
    await expect(compileUnit(unit, folder)).resolves.toBeDefined();
  });

  test("is no error when it cannot be written", async () => {
    await expect(compileUnit(await plain(), join(folder, "file\0name"))).resolves.toBeDefined();
  });
});

test("the compiler that modules are kept for is the one that the package asks for", () => {
  const { optionalDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    optionalDependencies: Record<string, string>;
  };
  expect(COMPILER).toBe(`@yowasp/clang ${optionalDependencies["@yowasp/clang"]}`);
});

test("what does not compile is told with its place in the tree", async () => {
  const edits = [
    { file: "mm/rmap.c", from: "add_rmap(folio, page, nr, vma, BY_PTES);", to: "add_rmap(folio, page, nr);" },
  ];
  const unit = await ownUnit(configurationOf("page-mapcount,64bit,mm-id"), edits);
  await expect(compileUnit(unit, undefined)).rejects.toThrow(CompileError);
  await expect(compileUnit(unit, undefined)).rejects.toThrow(/^mm\/rmap\.c:51:\d+: error: too few arguments/);
});
