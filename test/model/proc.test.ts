import { describe, expect, it } from "vitest";
import { freshKernel, start } from "./session.ts";
import { folioWith } from "./structs.ts";

const precise = freshKernel("page-mapcount");
const average = freshKernel("no-page-mapcount");

describe("The precise mapcount of a page", () => {
  it.each([
    { what: "a small folio", folio: folioWith({ nrPages: 1, pageMapcounts: [3] }), page: 0, mapcount: 3 },
    { what: "a page that no PTE maps", folio: folioWith({ mapcount: 1, pageMapcounts: [1] }), page: 1, mapcount: 0 },
    {
      what: "a page that PTEs map",
      folio: folioWith({ mapcount: 3, pageMapcounts: [1, 2] }),
      page: 1,
      mapcount: 2,
    },
    {
      what: "a page that PTEs and two PMDs map",
      folio: folioWith({ mapcount: 5, pageMapcounts: [1, 2], entireMapcount: 1 }),
      page: 1,
      mapcount: 4,
    },
  ])("The precise mapcount of a page of $what is $mapcount", ({ folio, page, mapcount }) => {
    expect(precise.folioPrecisePageMapcount(folio, page)).toBe(mapcount);
    expect(precise.kpagecount(folio, page)).toBe(mapcount);
    expect(precise.numaMapsMapmax(folio, page)).toBe(mapcount);
    expect(precise.pagemapMmapExclusive(folio, page)).toBe(mapcount === 1);
  });
});

describe("The average mapcount of the pages of a folio, worked out by hand", () => {
  it.each([
    { nrPages: 1, small: 0, ptes: 0, pmds: 0, mapcount: 0, why: "a small folio, unmapped" },
    { nrPages: 1, small: 3, ptes: 0, pmds: 0, mapcount: 3, why: "a small folio: no average" },
    { nrPages: 4, ptes: 0, pmds: 0, mapcount: 0, why: "unmapped" },
    { nrPages: 4, ptes: 1, pmds: 0, mapcount: 1, why: "1/4 is 0, but at least 1" },
    { nrPages: 4, ptes: 2, pmds: 0, mapcount: 1, why: "2/4 rounds up" },
    { nrPages: 4, ptes: 4, pmds: 0, mapcount: 1, why: "4/4" },
    { nrPages: 4, ptes: 5, pmds: 0, mapcount: 1, why: "5/4 rounds down" },
    { nrPages: 4, ptes: 6, pmds: 0, mapcount: 2, why: "6/4 rounds up" },
    { nrPages: 4, ptes: 9, pmds: 0, mapcount: 2, why: "9/4 rounds down" },
    { nrPages: 4, ptes: 0, pmds: 1, mapcount: 1, why: "one PMD" },
    { nrPages: 4, ptes: 0, pmds: 3, mapcount: 3, why: "PMDs only" },
    { nrPages: 4, ptes: -3, pmds: 4, mapcount: 4, why: "a large mapcount that is behind, as during a race" },
    { nrPages: 4, ptes: 1, pmds: 1, mapcount: 1, why: "a PMD and 1/4" },
    { nrPages: 4, ptes: 2, pmds: 1, mapcount: 2, why: "a PMD and 2/4" },
    { nrPages: 8, ptes: 3, pmds: 0, mapcount: 1, why: "3/8 is 0, but at least 1" },
    { nrPages: 8, ptes: 11, pmds: 0, mapcount: 1, why: "11/8 rounds down" },
    { nrPages: 8, ptes: 12, pmds: 2, mapcount: 4, why: "two PMDs and 12/8" },
  ])(
    "The average mapcount of the pages of a folio of $nrPages pages with $ptes PTEs and $pmds PMDs is $mapcount: $why",
    (row) => {
      const { nrPages, small, ptes, pmds, mapcount } = row;
      const folio = folioWith({
        nrPages,
        mapcount: ptes + pmds,
        entireMapcount: pmds - 1,
        ...(small !== undefined && { pageMapcounts: [small] }),
      });
      expect(average.folioAveragePageMapcount(folio)).toBe(mapcount);
      expect(average.kpagecount(folio, nrPages - 1)).toBe(mapcount);
      expect(average.numaMapsMapmax(folio, nrPages - 1)).toBe(mapcount);
      expect(average.smapsPssDivisor({ ...folio, refcount: 9 }, 0)).toBe(Math.max(mapcount, 1));
    },
  );
});

describe("PM_MMAP_EXCLUSIVE", () => {
  const twice = folioWith({ mapcount: 4, slots: ["A4", "-"], pageMapcounts: [2, 2, 0, 0] });
  const shared = folioWith({
    mapcount: 2,
    slots: ["A1", "B1"],
    mmIdsShared: true,
    pageMapcounts: [1, 1, 0, 0],
  });

  it("PM_MMAP_EXCLUSIVE depends on mappings of the page with PAGE_MAPCOUNT, and on MMs that map the folio without", () => {
    expect([twice, shared].map((folio) => precise.pagemapMmapExclusive(folio, 0))).toEqual([false, true]);
    expect([twice, shared].map((folio) => average.pagemapMmapExclusive(folio, 0))).toEqual([true, false]);
  });

  it("PM_MMAP_EXCLUSIVE of a page that a PMD maps is that of the head page", () => {
    const mixed = start("pmd")
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", { mm: 1, vma: 0, first: 0, count: 3 });
    expect([mixed.pmd(0), mixed.entries(1)]).toEqual(["0 r", "- - - 0.3"]);
    const folio = mixed.folio();
    expect([precise.pagemapPmdMmapExclusive(folio, 3), precise.pagemapMmapExclusive(folio, 3)]).toEqual([true, false]);
    expect(average.pagemapPmdMmapExclusive(folio, 3)).toBe(false);
  });
});

describe("smaps", () => {
  it.each([
    { what: "one reference", refcount: 1, mapcounts: [1], shared: false, precise: [true, 1], average: [true, 1] },
    // With one reference counters are not read.
    {
      what: "one reference, counted wrong",
      refcount: 1,
      mapcounts: [3],
      shared: true,
      precise: [true, 1],
      average: [true, 1],
    },
    {
      what: "mapped once",
      refcount: 5,
      mapcounts: [1, 1, 1, 1],
      shared: false,
      precise: [true, 1],
      average: [true, 1],
    },
    {
      what: "mapped by two MMs",
      refcount: 8,
      mapcounts: [2, 2, 2, 2],
      shared: true,
      precise: [false, 2],
      average: [false, 2],
    },
    {
      what: "a page of one of two MMs",
      refcount: 4,
      mapcounts: [1, 2, 1, 0],
      shared: true,
      precise: [true, 1],
      average: [false, 1],
    },
    {
      what: "mapped twice by one MM",
      refcount: 8,
      mapcounts: [2, 2, 2, 2],
      shared: false,
      precise: [false, 2],
      average: [true, 2],
    },
    {
      what: "mapped often",
      refcount: 9,
      mapcounts: [3, 2, 2, 2],
      shared: true,
      precise: [false, 3],
      average: [false, 2],
    },
  ])("smaps counts the first page as private, and divides it for PSS: $what", (row) => {
    const mapcount = row.mapcounts.reduce((sum, each) => sum + each, 0);
    const folio = folioWith({
      refcount: row.refcount,
      mapcount,
      mmIdsShared: row.shared,
      pageMapcounts: row.mapcounts,
    });
    expect([precise.smapsPrivate(folio, 0), precise.smapsPssDivisor(folio, 0)]).toEqual(row.precise);
    expect([average.smapsPrivate(folio, 0), average.smapsPssDivisor(folio, 0)]).toEqual(row.average);
  });
});
