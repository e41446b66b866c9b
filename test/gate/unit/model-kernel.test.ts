import { describe, expect, test } from "vitest";
import { modelKernelOf } from "../../../gate/unit/model-kernel.ts";
import { BASE_KERNELS } from "../../../model/kernels/index.ts";

const treeOf = (files: Readonly<Record<string, string>>) => ({ read: (file: string) => files[file] });

const SWAP_IN = "folio_put_swap(folio, NULL);";
const REQUEUE = "deferred_split_folio(dst, partially_mapped);";

describe("modelKernelOf()", () => {
  test.each([
    { name: "v7.1", files: { "mm/memory.c": SWAP_IN, "mm/migrate.c": REQUEUE } },
    { name: "v7.1", files: { "mm/memory.c": SWAP_IN } },
    { name: "v6.18", files: { "mm/memory.c": "swap_free_nr(entry, nr);", "mm/migrate.c": REQUEUE } },
    { name: "v6.15", files: { "mm/memory.c": "", "mm/migrate.c": "" } },
    { name: "v6.15", files: {} },
  ])("selects $name for a tree with $files", ({ name, files }) => {
    expect(modelKernelOf(treeOf(files), ["_entire_mapcount"]).name).toBe(name);
    expect(BASE_KERNELS.map((each) => each.name)).toContain(name);
  });

  test("selects the RFC's kernel for a tree with _total_mapped_pages, whatever else it has", () => {
    const { name, sign } = modelKernelOf(treeOf({ "mm/memory.c": SWAP_IN }), ["_total_mapped_pages"]);
    expect([name, sign?.identifier]).toEqual(["rfc-2026-04", "_total_mapped_pages"]);
  });

  test("returns the identifier by which the kernel was selected", () => {
    const { sign } = modelKernelOf(treeOf({ "mm/memory.c": SWAP_IN }), []);
    expect(sign).toEqual({ file: "mm/memory.c", identifier: "folio_put_swap" });
    expect(modelKernelOf(treeOf({}), []).sign).toBeUndefined();
  });

  test("ignores comments, longer identifiers and the version number", () => {
    const files = {
      Makefile: "VERSION = 7\nPATCHLEVEL = 1\n",
      "mm/memory.c": "/* as folio_put_swap() does */\nmy_folio_put_swap_later();",
      "mm/migrate.c": "// deferred_split_folio()\n",
    };
    expect(modelKernelOf(treeOf(files), []).name).toBe("v6.15");
  });
});
