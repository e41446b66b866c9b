/** Damage of a folio that the allocator detects when the folio is freed. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { BAD_PAGE } from "../../machines/bad-page.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { warningName, warningSentence } from "../../model/kernel/warnings.ts";
import type { LoggedKernel } from "../model/logged-kernel.ts";
import { kernelIn } from "../model/session.ts";

/** Returns the kinds of damage of a folio of `pages` pages, by whether it is a bad page then. */
function judged(kernel: LoggedKernel, pages: number): { bad: string[]; good: string[] } {
  let isBad = false;
  const observed: Kernel = {
    ...kernel,
    freePagesPrepare(folio) {
      kernel.freePagesPrepare.call(this, folio);
      isBad = kernel.warnings.first !== 0;
    },
  };
  const interpreter = interpret(BAD_PAGE.build({ pages: 8 }, observed, undefined, kernel.warnings));
  const initial = interpreter.initialStates[0];
  const bad: string[] = [];
  const good: string[] = [];
  for (const call of interpreter.enabledActions(initial)) {
    const { pages: size, field, by } = call.parameters;
    if (call.action === "damage" && size === pages) {
      const freed = interpreter.step(interpreter.step(initial, call), { action: "free", parameters: {} });
      expect(freed).toEqual(initial);
      (isBad ? bad : good).push(`${String(field)} ${Number(by) > 0 ? "+" : "-"}`);
    }
  }
  return { bad, good };
}

/** Returns the kernel's warnings about a folio with one damaged struct page, by damage and page; "-" for none. */
function warned(kernel: LoggedKernel, action: "freeDamaged" | "splitDamaged", pages: number): Record<string, string[]> {
  let first = 0;
  const observing = <P extends unknown[]>(run: (this: Kernel, ...parameters: P) => void) =>
    function (this: Kernel, ...parameters: P): void {
      run.apply(this, parameters);
      first = kernel.warnings.first;
    };
  const observed: Kernel = {
    ...kernel,
    freeDamagedPages: observing(kernel.freeDamagedPages),
    splitDamagedPages: observing(kernel.splitDamagedPages),
  };
  const interpreter = interpret(BAD_PAGE.build({ pages: 8 }, observed, undefined, kernel.warnings));
  const initial = interpreter.initialStates[0];
  const result: Record<string, string[]> = {};
  for (const call of interpreter.enabledActions(initial)) {
    const { pages: size, damage, page } = call.parameters;
    if (call.action === action && size === pages) {
      expect(interpreter.step(initial, call)).toEqual(initial);
      const name = warningName(first);
      const text = name === undefined ? "-" : warningSentence(name).replace("bad page: ", "");
      result[String(damage)] = [...(result[String(damage)] ?? []), `${page}: ${text}`];
    }
  }
  return result;
}

const explored = (config: string, pages: number): SearchResult =>
  search(compile(BAD_PAGE.build({ pages }, kernelIn(config))));

describe("A folio that is freed", () => {
  test("a freed folio is a bad page if any of its counts is wrong, in either direction", () => {
    expect(judged(kernelIn("page-mapcount,64bit,mm-id"), 2).bad).toEqual([
      "_large_mapcount +",
      "_large_mapcount -",
      "_entire_mapcount +",
      "_entire_mapcount -",
      "_nr_pages_mapped +",
      "_nr_pages_mapped -",
      "_nr_pages_mapped by ENTIRELY_MAPPED +",
      "_nr_pages_mapped by ENTIRELY_MAPPED -",
      "_pincount +",
      "_pincount -",
      "_mm_id_mapcount[0] +",
      "_mm_id_mapcount[0] -",
      "_mm_id_mapcount[1] +",
      "_mm_id_mapcount[1] -",
      "folio_test_locked() +",
      "page[0]._mapcount +",
      "page[0]._mapcount -",
      "page[1]._mapcount +",
      "page[1]._mapcount -",
    ]);
  });

  test("a freed folio is no bad page without damage, or with damage that the kernel does not check", () => {
    expect(judged(kernelIn("page-mapcount,64bit,mm-id"), 2).good).toEqual([
      "nothing +",
      "_mm_id[0] +",
      "_mm_id[1] +",
      "the shared bit of _mm_ids +",
      "folio_test_partially_mapped() +",
      "folio_test_anon() +",
      "folio_test_swapcache() +",
      "PageAnonExclusive(page[0]) +",
      "PageAnonExclusive(page[1]) +",
    ]);
  });

  test("a freed folio is a bad page while it is on the deferred split queue, which requires four pages", () => {
    expect(judged(kernelIn("page-mapcount,64bit,mm-id"), 4).bad).toContain("_deferred_list +");
  });

  test("a folio has fewer counts on 32-bit with two pages, and without mm-id", () => {
    const { bad, good } = judged(kernelIn("page-mapcount,32bit,no-mm-id"), 2);
    expect([...bad, ...good].filter((each) => /entire_mapcount|pincount|_mm_id|deferred/.test(each))).toEqual([]);
    expect(bad).toContain("_nr_pages_mapped +");
  });
});

const sameOf = (pages: readonly number[], text: string): string[] => pages.map((page) => `${page}: ${text}`);

describe("A folio with one damaged struct page", () => {
  const FLAGS = "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
  const MAPPING = "corrupted mapping in tail page";

  test("a folio with a damaged struct page is a bad page by the first check that detects it; no check covers private", () => {
    expect(warned(kernelIn("page-mapcount,64bit,mm-id"), "freeDamaged", 4)).toEqual({
      none: ["0: -"],
      mapping: ["0: non-NULL mapping", `3: ${MAPPING}`],
      notTail: sameOf([1, 2, 3], "PageTail not set"),
      otherHead: sameOf([1, 2, 3], "compound_head not consistent"),
      refcount: sameOf([0, 1, 2, 3], "nonzero _refcount"),
      locked: sameOf([2, 3], FLAGS),
      private: sameOf([0, 1, 2, 3], "-"),
      pageType: ["0: -", ...sameOf([1, 2, 3], "nonzero mapcount")],
      poisoned: ["1: nonzero nr_pages_mapped", "2: on deferred list", `3: ${MAPPING}`],
      zeroed: ["1: nonzero large_mapcount", "2: on deferred list", `3: ${MAPPING}`],
      notPrepared: ["1: nonzero large_mapcount", "2: on deferred list", `3: ${MAPPING}`],
      onlyPrepared: sameOf([1, 2, 3], FLAGS),
    });
  });

  test.each([
    ["no-page-mapcount,64bit,mm-id", "v7.1", ["1: nonzero pincount", "2: on deferred list"]],
    ["no-page-mapcount,32bit,mm-id", "v7.1", ["1: compound_head not consistent", "2: on deferred list"]],
    ["no-page-mapcount,64bit,mm-id", "rfc-2026-04", ["1: nonzero total_mapped_pages", "2: on deferred list"]],
  ])("%s, %s: a folio with a poisoned struct page is a bad page by another check", (config, kernel, tails) => {
    expect(warned(kernelIn(config, kernel), "freeDamaged", 4)["poisoned"]).toEqual([...tails, `3: ${MAPPING}`]);
  });

  test("a small folio is a bad page if its struct page was never initialised; its page type is reset", () => {
    const { poisoned, zeroed, pageType, notPrepared } = warned(kernelIn(""), "freeDamaged", 1);
    expect({ poisoned, zeroed, pageType, notPrepared }).toEqual({
      poisoned: ["0: the page is a tail page"],
      zeroed: ["0: nonzero mapcount"],
      pageType: ["0: -"],
      notPrepared: undefined,
    });
  });

  test("a damaged folio is split without a warning, unless the page has a mapcount or, until 6.18, private", () => {
    const SPLIT = "of a page that is split off";
    const since = warned(kernelIn(""), "splitDamaged", 4);
    const mapcounts = sameOf([1, 2, 3], "a page that is split off has a mapcount");
    expect(Object.entries(since).filter(([, texts]) => texts.some((text) => !text.endsWith(": -")))).toEqual([
      ["pageType", mapcounts],
      ["zeroed", mapcounts],
    ]);
    const until = warned(kernelIn("", "v6.18"), "splitDamaged", 4);
    expect(
      Object.entries(until).filter(([, texts]) => texts.some((text) => text.includes(`private ${SPLIT}`))),
    ).toEqual([
      ["private", sameOf([1, 2, 3], `private ${SPLIT} is not 0`)],
      ["poisoned", sameOf([1, 2, 3], `private ${SPLIT} is not 0`)],
    ]);
  });

  test("tail pages have no page type if the kernel has no mapcounts of tail pages", () => {
    expect(warned(kernelIn("no-page-mapcount", "rfc-2026-04"), "freeDamaged", 4)["pageType"]).toEqual(["0: -"]);
  });
});

describe("Machine bad-page", () => {
  test.each([
    ["page-mapcount,64bit,mm-id", 8, { states: 118, transitions: 482 }],
    ["no-page-mapcount,32bit,mm-id", 4, { states: 59, transitions: 211 }],
  ])("%s, %i pages: bad-page has the same states in every run", (config, pages, counts) => {
    const { outcome, states, transitions } = explored(config, pages);
    expect({ outcome, states, transitions }).toEqual({ outcome: "exhausted", ...counts });
  });
});
