/** C22 of the allocator's own functions: what they leave in private of struct pages, in the kernel of our own with changes. */
import { describe, expect, test } from "vitest";
import { formatCall } from "../../explore/model.ts";
import { cParser } from "../../gate/source/c-parser.ts";
import { ParsedFiles } from "../../gate/source/kernel-sources.ts";
import { kernelTree } from "../../gate/source/kernel-tree.ts";
import { type BlockFunctions, blockFunctions } from "../../gate/struct-pages/block-functions.ts";
import { structPageFaults } from "../../gate/struct-pages/check-struct-pages.ts";
import type { StructPageFault } from "../../gate/struct-pages/struct-page-fault.ts";
import { DEFAULT_CONFIG } from "../../model/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, editedCopy } from "./own-tree.ts";

async function functionsOf(edits: readonly Edit[], is64Bit = true): Promise<BlockFunctions> {
  const parser = await cParser();
  const parsed = new ParsedFiles(parser);
  return blockFunctions(kernelTree(editedCopy(edits)), is64Bit, parser, parsed, testCacheFolder);
}

async function faultsOf(edits: readonly Edit[], is64Bit = true): Promise<readonly StructPageFault[]> {
  const functions = await functionsOf(edits, is64Bit);
  if (functions.kind === "unknown") {
    throw new Error(functions.why);
  }
  const found = structPageFaults(functions, v7_1({ ...DEFAULT_CONFIG, is64Bit }));
  if (found.kind === "stopped") {
    throw new Error(found.why);
  }
  return found.faults;
}

const summary = (faults: readonly StructPageFault[]): readonly (readonly [function_: string, steps: string])[] =>
  faults.map(({ steps, by }) => [by.names[0] ?? "", steps.map(formatCall).join(" ")]);

const alloc = (from: string, to: string): Edit => ({ file: "mm/page_alloc.c", from, to });

/** Frees pages as Linux 6.18.2 does, as far as private is concerned; then as 7.1 does. */
const UNCHECKED_TAILS = alloc("\t\tbad |= tail->private != 0;\n", "");
const KEEPS_HEAD = alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->flags = 0;\n");
const UNCHECKED_SPLIT: Edit = {
  file: "mm/huge_memory.c",
  from: "\t\tVM_WARN_ON_ONCE(page->private);\n\t\tpage->private = 0;\n",
  to: "",
};

const SMALL_PAGE =
  "allocPage(page: 1) storePrivate(page: 1) freePage(page: 1) allocBlock(compound: false) splitBlock()";
const FREED_TAIL =
  "allocBlock(compound: false) storePrivate(page: 1) freeBlock() allocBlock(compound: false) splitBlock()";
const SPLIT_TAIL = "allocBlock(compound: true) storePrivate(page: 1) splitBlock()";

describe("private of struct pages", () => {
  test.each([true, false])("is cleared or checked by the kernel of our own (64-bit: %s)", async (is64Bit) => {
    expect(summary(await faultsOf([], is64Bit))).toEqual([]);
  });

  test("of a page that is freed by itself reaches the next owner when free does not clear it", async () => {
    expect(summary(await faultsOf([KEEPS_HEAD, UNCHECKED_TAILS]))).toEqual([
      ["free_pages_prepare", SMALL_PAGE],
      ["free_pages_prepare", FREED_TAIL],
    ]);
  });

  test("of a tail page reaches the next owner when free neither clears nor checks it", async () => {
    expect(summary(await faultsOf([UNCHECKED_TAILS]))).toEqual([["free_pages_prepare", FREED_TAIL]]);
  });

  test("of a tail page reaches a folio when split neither clears nor checks it", async () => {
    expect(summary(await faultsOf([UNCHECKED_SPLIT]))).toEqual([["__split_folio_to_order", SPLIT_TAIL]]);
  });

  test("of a tail page is a fault no more when a split only warns", async () => {
    const warns = { ...UNCHECKED_SPLIT, to: "\t\tVM_WARN_ON_ONCE(page->private);\n" };
    expect(summary(await faultsOf([warns]))).toEqual([]);
  });
});

describe("a tree whose functions are not known", () => {
  test("is not judged, and the reason names what is missing", async () => {
    const renamed = alloc("void post_alloc_hook(", "void other_alloc_hook(");
    expect(await functionsOf([renamed])).toEqual({ kind: "unknown", why: "the tree has no post_alloc_hook()" });
    const calls = alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->private = unheard_of(page);\n");
    expect(await functionsOf([calls])).toMatchObject({
      kind: "unknown",
      why: expect.stringMatching(
        /^unheard_of is not known, which free_pages_prepare\(\) needs \(mm\/page_alloc\.c:\d+\)$/,
      ),
    });
  });
});
