/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE: 6.18.35) and a native clang. Pages are collapsed to huge pages,
 * also in races.
 */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { COLLAPSE_RACE_MISTAKES } from "./collapse-race-mistakes.ts";
import { explored, shownAs, violated } from "./explored-tree.ts";
import { mistakePatch, type TextChange } from "./mistake-patch.ts";
import { TREE } from "./tree-image.ts";

/** Lets a function of khugepaged.c fail an assertion before a call. */
const forbidden = (name: string, call: string, condition = "1"): TextChange => ({
  file: "mm/khugepaged.c",
  in: name,
  change: [new RegExp(`\\b(?=${call}\\()`), `WARN_ON_ONCE(${condition});`],
});

const KERNEL = "KERNEL: WARN in";

describe.skipIf(TREE === "" || clangOnPath() === undefined)("collapse in the image of a tree", () => {
  test.each<[Bounds]>([
    [{ mms: 2, collapse: 1, steps: 4 }],
    [{ mms: 2, collapse: 1, swap: 1, free: 1, steps: 4 }],
    [{ mms: 1, collapse: 1, pages: 16, move: 1, hint: 1, steps: 3 }],
    [{ mms: 2, collapse: 1, split: 1, migrate: 1, steps: 4 }],
    [{ mms: 1, collapse: 1, steps: 2, race: 1 }],
    [{ mms: 1, collapse: 1, steps: 2, race: 1, preemptions: 2 }],
  ])("no property is violated with bounds %o", async (bounds) => {
    expect((await violated(bounds)).map(shownAs)).toEqual([]);
  });

  test.each<[string, TextChange, Bounds]>([
    [
      "MADV_COLLAPSE maps a huge page",
      forbidden("collapse_huge_page", "folio_add_new_anon_rmap", "!cc->is_khugepaged"),
      {},
    ],
    [
      "khugepaged maps a huge page",
      forbidden("collapse_huge_page", "folio_add_new_anon_rmap", "cc->is_khugepaged"),
      {},
    ],
    [
      "a page that cannot be read ends a collapse",
      forbidden("__collapse_huge_page_copy_failed", "release_pte_pages"),
      {},
    ],
    ["pages that were isolated are released", forbidden("__collapse_huge_page_isolate", "release_pte_pages"), {}],
    ["swapped pages are read", forbidden("__collapse_huge_page_swapin", "lru_add_drain"), { swap: 2 }],
    ["khugepaged finds that the process has exited", forbidden("collect_mm_slot", "mm_slot_free"), { race: 1 }],
  ])("%s: an assertion there fails", async (_, change, bounds) => {
    const found = await violated({ mms: 1, collapse: 1, steps: 3, ...bounds }, mistakePatch(change));
    expect(found.map(shownAs)).toEqual([expect.stringContaining(KERNEL)]);
  });

  const titled = COLLAPSE_RACE_MISTAKES.map((mistake) => [`in ${mistake.in}(): ${mistake.what}`, mistake] as const);

  test.each(titled)("races find, but for those that survive, a mistake %s", async (_, mistake) => {
    const { race: _race, ...alone } = mistake.outcome.group;
    expect((await violated(alone, mistakePatch(mistake))).map(shownAs)).toEqual([]);
    const { violations } = await explored(mistake.outcome.group, mistakePatch(mistake));
    expect(violations.map(({ id }) => id)).toEqual(mistake.outcome.kind === "found" ? [mistake.outcome.by] : []);
  });
});
