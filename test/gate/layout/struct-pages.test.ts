/** C22 for the allocator's functions: values that the test kernel with changes leaves in struct pages. */
import { describe, expect, test } from "vitest";
import { formatCall } from "../../../explore/model/model.ts";
import { structPageFaults } from "../../../gate/layout/struct-pages/check-struct-pages.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import type { KernelPatch } from "../../../model/kernel/kernel.ts";
import { Warning } from "../../../model/kernel/warnings.ts";
import { v7_1 } from "../../../model/kernels/v7-1.ts";
import {
  alloc,
  faultsOf,
  functionsOf,
  KEEPS_HEAD,
  summary,
  UNCHECKED_SPLIT,
  UNCHECKED_TAILS,
} from "./struct-page-faults.ts";

const SMALL_PAGE =
  "allocPage(page: 1) storePrivate(page: 1) freePage(page: 1) allocBlock(compound: false) splitBlock()";
const FREED_TAIL =
  "allocBlock(compound: false) storePrivate(page: 1) freeBlock() allocBlock(compound: false) splitBlock()";
const SPLIT_TAIL = "allocBlock(compound: true) storePrivate(page: 1) splitBlock()";

describe("private of struct pages", () => {
  test.each([true, false])("is cleared or checked by the test kernel (64-bit: %s)", async (is64Bit) => {
    expect(summary(await faultsOf([], is64Bit))).toEqual([]);
  });

  test("of a small page reaches the next user if free does not clear it", async () => {
    expect(summary(await faultsOf([KEEPS_HEAD, UNCHECKED_TAILS]))).toEqual([
      ["free_pages_prepare", SMALL_PAGE],
      ["free_pages_prepare", FREED_TAIL],
    ]);
  });

  test("of a tail page reaches the next user if free neither clears nor checks it", async () => {
    expect(summary(await faultsOf([UNCHECKED_TAILS]))).toEqual([["free_pages_prepare", FREED_TAIL]]);
  });

  test("of a tail page reaches a folio if split neither clears nor checks it", async () => {
    expect(summary(await faultsOf([UNCHECKED_SPLIT]))).toEqual([["__split_folio_to_order", SPLIT_TAIL]]);
  });

  test("of a tail page is not a fault if a split only warns", async () => {
    const warns = { ...UNCHECKED_SPLIT, to: "\t\tVM_WARN_ON_ONCE(page->private);\n" };
    expect(summary(await faultsOf([warns]))).toEqual([]);
  });
});

/** Faulty models whose handling of a damaged page differs from the test kernel's, with the step that differs. */
const MUTANTS: readonly (readonly [name: string, mutant: KernelPatch, shownBy: string])[] = [
  ["does not reset page types", { resetPageType() {} }, "freeDamaged(pages: 1, page: 0, damage: pageType)"],
  ["has no checks of links", { checkDamagedTail() {} }, "freeDamaged(pages: 2, page: 1, damage: notTail)"],
  [
    "warns of every page",
    {
      freeDamagedPages() {
        this.vmWarnOn(true, Warning.badRefcount);
      },
    },
    "freeDamaged(pages: 1, page: 0, damage: none)",
  ],
  ["splits without a warning", { splitDamagedPages() {} }, "splitDamaged(pages: 2, page: 1, damage: pageType)"],
];

test.each(MUTANTS)("a model that %s differs from the test kernel", async (_name, mutant, shownBy) => {
  const functions = await functionsOf([]);
  const kernel = { ...v7_1(DEFAULT_CONFIG), ...mutant };
  const found = functions.kind === "running" ? structPageFaults(functions, kernel) : functions;
  expect(found.kind === "explored" && found.faults[0]?.fault.steps.map(formatCall)).toEqual([shownBy]);
});

describe("a tree without the allocator's functions", () => {
  test("is listed as not checked, and the reason names the missing functions", async () => {
    const renamed = alloc("void post_alloc_hook(", "void other_alloc_hook(");
    expect(await functionsOf([renamed])).toEqual({ kind: "unknown", why: "the tree has no post_alloc_hook()" });
    const calls = alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->private = unheard_of(page);\n");
    expect(await functionsOf([calls])).toMatchObject({
      kind: "unknown",
      why: expect.stringMatching(
        /^unheard_of, which free_pages_prepare\(\) uses \(mm\/page_alloc\.c:\d+\), is not defined$/,
      ),
    });
  });
});
