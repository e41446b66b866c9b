/**
 * C22 of the allocator's own functions, of struct pages with a page type and of uninitialised ones: in the kernel of
 * our own with changes.
 */

import { describe, expect, test } from "vitest";
import type { LocatedStructPageFault } from "../../gate/layout/struct-pages/struct-page-fault.ts";
import { layoutFaultText } from "../../report/text/layout-fault.ts";
import { alloc, faultsOf, summary, UNCHECKED_SPLIT, UNCHECKED_TAILS } from "./layout/struct-page-faults.ts";

/** Returns the steps of the first fault that names a function, and the number of such faults. */
const firstOf = (faults: readonly LocatedStructPageFault[], name: string): readonly [steps: string, count: number] => {
  const own = summary(faults).filter(([by]) => by === name);
  return [own[0]?.[1] ?? "none", own.length];
};

describe("a struct page with a page type, or one that was never initialised", () => {
  const FREE = "free_pages_prepare";
  const SPLIT = "__split_folio_to_order";
  const TYPE_RESET = "\tif (mapcount_is_type(atomic_read(&page->_mapcount)))\n\t\tatomic_set(&page->_mapcount, -1);\n";

  test("is reported if free does not check tail pages", async () => {
    const faults = await faultsOf([alloc("\t\tbad |= free_page_is_bad(tail);\n", "")]);
    // A page type, a reference, the folio lock, and a page that was poisoned before it became a tail page.
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 2, page: 1, damage: refcount)", 11 + 11 + 8 + 11]);
    expect(faults.map(({ fault }) => layoutFaultText(fault)).at(-1)).toBe(
      "freeDamaged(pages: 8, page: 7, damage: onlyPrepared): free_pages_prepare() does not warn, and the model does: " +
        "free_page_is_bad() warns: bad page: PAGE_FLAGS_CHECK_AT_FREE flag(s) set",
    );
  });

  test("is reported if free rejects the first page because of its type", async () => {
    const faults = await faultsOf([alloc(TYPE_RESET, "")]);
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 1, page: 0, damage: pageType)", 4]);
    expect(faults.map(({ fault }) => layoutFaultText(fault))[0]).toMatch(
      /free_pages_prepare\(\) warns of the page, or refuses it, and the model does not$/,
    );
  });

  test("is reported if a poisoned page passes the checks on free", async () => {
    const poisoned = alloc("const bool bad = atomic_read", "const bool bad = ~page->flags && atomic_read");
    const faults = await faultsOf([
      alloc("\tpage->private = 0;\n\tpage->flags = 0;\n", "\tpage->private = 0;\n"),
      { ...poisoned, to: "const bool bad = page->flags != -1ul && (atomic_read" },
      alloc("page_flag(page, PG_locked);", "page_flag(page, PG_locked));"),
    ]);
    expect(firstOf(faults, FREE)).toEqual(["freeDamaged(pages: 1, page: 0, damage: poisoned)", expect.any(Number)]);
  });

  test("is reported if a split does not check mapcounts", async () => {
    const unchecked = { ...UNCHECKED_SPLIT, from: "\t\tVM_WARN_ON_ONCE(atomic_read(&page->_mapcount) != -1);\n" };
    expect(firstOf(await faultsOf([unchecked]), SPLIT)).toEqual([
      "splitDamaged(pages: 2, page: 1, damage: pageType)",
      11 + 11,
    ]);
  });

  test("is not reported for private, which free and split may check or not", async () => {
    const faults = await faultsOf([
      UNCHECKED_TAILS,
      UNCHECKED_SPLIT,
      alloc("page_flag(page, PG_locked);", "page_flag(page, PG_locked) || page->private;"),
    ]);
    expect(firstOf(faults, FREE)).toEqual(["none", 0]);
    expect(firstOf(faults, SPLIT)).toEqual(["allocBlock(compound: true) storePrivate(page: 1) splitBlock()", 1]);
  });
});
