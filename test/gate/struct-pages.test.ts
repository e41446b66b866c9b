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

/** Steps of the first fault that names a function, and how many there are of it. */
const firstOf = (faults: readonly StructPageFault[], name: string): readonly [steps: string, count: number] => {
  const own = summary(faults).filter(([by]) => by === name);
  return [own[0]?.[1] ?? "none", own.length];
};

describe("a struct page with a page type, or one that was never initialised", () => {
  const FREE = "free_pages_prepare";
  const SPLIT = "__split_folio_to_order";
  const TYPE_RESET = "\tif (mapcount_is_type(atomic_read(&page->_mapcount)))\n\t\tatomic_set(&page->_mapcount, -1);\n";

  test("is found when free does not check tail pages any more", async () => {
    const faults = await faultsOf([alloc("\t\tbad |= free_page_is_bad(tail);\n", "")]);
    // A page type, a reference, the folio lock, and what was poisoned before it was made a tail page.
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 2, page: 1, damage: refcount)", 11 + 11 + 8 + 11]);
    expect(faults.at(-1)?.text).toBe(
      "freeDamaged(pages: 8, page: 7, damage: onlyPrepared): free_pages_prepare() does not warn, and the model does: " +
        "free_page_is_bad() warns: bad page: PAGE_FLAGS_CHECK_AT_FREE flag(s) set",
    );
  });

  test("is found when free refuses the first page for its type", async () => {
    const faults = await faultsOf([alloc(TYPE_RESET, "")]);
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 1, page: 0, damage: pageType)", 4]);
    expect(faults[0]?.text).toMatch(/free_pages_prepare\(\) warns of the page, or refuses it, and the model does not$/);
  });

  test("is found when a poisoned page passes the checks on free", async () => {
    const poisoned = alloc("const bool bad = atomic_read", "const bool bad = ~page->flags && atomic_read");
    const faults = await faultsOf([
      alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->private = 0;\n"),
      { ...poisoned, to: "const bool bad = page->flags != -1ul && (atomic_read" },
      alloc("page_flag(page, PG_locked);", "page_flag(page, PG_locked));"),
    ]);
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 1, page: 0, damage: poisoned)", expect.any(Number)]);
  });

  test("is found when a split does not check mapcounts", async () => {
    const unchecked = { ...UNCHECKED_SPLIT, from: "\t\tVM_WARN_ON_ONCE(atomic_read(&page->_mapcount) != -1);\n" };
    expect(firstOf(await faultsOf([unchecked]), SPLIT)).toEqual([
      "splitDamaged(pages: 2, page: 1, damage: pageType)",
      11 + 11,
    ]);
  });

  test("is not confused with private, which free and split may check or not", async () => {
    const faults = await faultsOf([
      UNCHECKED_TAILS,
      UNCHECKED_SPLIT,
      alloc("page_flag(page, PG_locked);", "page_flag(page, PG_locked) || page->private;"),
    ]);
    expect(firstOf(faults, FREE)).toEqual(["none", 0]);
    expect(firstOf(faults, SPLIT)).toEqual([SPLIT_TAIL, 1]);
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
