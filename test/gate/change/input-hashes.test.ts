import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inputHashes } from "../../../gate/change/input-hashes.ts";

const folder = mkdtempSync(join(tmpdir(), "foliocheck-hashes-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Creates a folder with files. */
function tree(name: string, files: { readonly [file: string]: string }): string {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return join(folder, name);
}

const files = { "mm/rmap.c": "int a;\n", "include/linux/rmap.h": "int b;\n" };

describe("The hashes of a gate's inputs", () => {
  const { tree: first } = inputHashes({ tree: tree("first", files) });

  test("do not depend on the name of the folder", () => {
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(inputHashes({ tree: tree("copy", files) })).toEqual({ tree: first });
  });

  test("change with the text of a file, and with the file that contains it", () => {
    const changed = tree("changed", { ...files, "mm/rmap.c": "int c;\n" });
    const swapped = tree("swapped", { "mm/rmap.c": "int b;\n", "include/linux/rmap.h": "int a;\n" });
    const fewer = tree("fewer", { "mm/rmap.c": "int a;\n" });
    const hashes = [changed, swapped, fewer].map((each) => inputHashes({ tree: each }).tree);
    expect(new Set([first, ...hashes]).size).toBe(4);
  });

  test("do not change with files that no gate reads", () => {
    expect(inputHashes({ tree: tree("more", { ...files, README: "hello" }) })).toEqual({ tree: first });
  });

  test("include patch and base if there are any", () => {
    const patch = { name: "my.patch", text: "--- a\n+++ b\n" };
    expect(inputHashes({ tree: join(folder, "changed"), patch, base: join(folder, "first") })).toMatchObject({
      patch: createHash("sha256").update(patch.text).digest("hex"),
      base: first,
    });
  });
});
