import { describe, expect, it } from "vitest";
import { freshKernel } from "./session.ts";
import { folioWith, mmA, mmB, ptesOf, slotWords, statsWith } from "./structs.ts";

const mapcounts = (folio: { readonly pages: readonly { mapcount: number }[] }): number[] =>
  folio.pages.map((page) => page.mapcount + 1);
const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];

describe("Adding file mappings", () => {
  it.each([
    { config: "page-mapcount", pages: [0, 1, 1, 0], mapped: 2, accounted: 2 },
    { config: "no-page-mapcount", pages: [0, 0, 0, 0], mapped: 0, accounted: 4 },
  ])("Adding file mappings to an unmapped folio ($config)", ({ config, pages, mapped, accounted }) => {
    const stats = statsWith();
    const folio = folioWith();
    freshKernel(config).folioAddFileRmapPtes(stats, folio, 1, 2, mmA);
    expect(mapcounts(folio)).toEqual(pages);
    expect(folio).toMatchObject({ largeMapcount: 1, nrPagesMapped: mapped });
    expect(stats).toEqual(statsWith({ nrFileMapped: accounted }));
    expect(slotWords(folio)).toEqual(["A2", "-"]);
  });

  it("Adding file mappings accounts only pages that were not mapped (PAGE_MAPCOUNT)", () => {
    const stats = statsWith();
    const folio = folioWith({ mapcount: 2, slots: ["A2", "-"], pageMapcounts: [0, 1, 1, 0], nrPagesMapped: 2 });
    freshKernel().folioAddFileRmapPtes(stats, folio, 0, 3, mmB);
    expect(mapcounts(folio)).toEqual([1, 2, 2, 0]);
    expect(folio.nrPagesMapped).toBe(3);
    expect(stats.nrFileMapped).toBe(1);
    expect(slotWords(folio)).toEqual(["A2", "B3"]);
  });

  it("Adding file mappings accounts nothing when the folio was mapped (NO_PAGE_MAPCOUNT), even by as many entries", () => {
    const stats = statsWith();
    const folio = folioWith({ mapcount: 2, slots: ["A2", "-"] });
    freshKernel("no-page-mapcount").folioAddFileRmapPtes(stats, folio, 2, 2, mmB);
    expect(stats.nrFileMapped).toBe(0);
  });

  it.each(configs)("Adding file mappings of a small folio accounts the first only ($config)", ({ config }) => {
    const kernel = freshKernel(config);
    const stats = statsWith();
    const folio = folioWith({ nrPages: 1 });
    kernel.folioAddFileRmapPtes(stats, folio, 0, 1, mmA);
    kernel.folioAddFileRmapPtes(stats, folio, 0, 1, mmB);
    expect(mapcounts(folio)).toEqual([2]);
    expect(folio.largeMapcount).toBe(-1);
    expect(slotWords(folio)).toEqual(["-", "-"]);
    expect(stats.nrFileMapped).toBe(1);
  });
});

describe("The new anon rmap", () => {
  it.each([
    { config: "page-mapcount", pages: [1, 1, 1, 1], mapped: 4 },
    { config: "no-page-mapcount", pages: [0, 0, 0, 0], mapped: 0 },
  ])("The new anon rmap of a large folio maps and accounts all of it ($config)", ({ config, pages, mapped }) => {
    const stats = statsWith();
    const folio = folioWith();
    freshKernel(config).folioAddNewAnonRmap(stats, folio, mmB, true);
    expect(mapcounts(folio)).toEqual(pages);
    expect(folio).toMatchObject({ anon: true, largeMapcount: 3, nrPagesMapped: mapped });
    expect(folio.pages.every((page) => page.anonExclusive)).toBe(true);
    expect(slotWords(folio)).toEqual(["B4", "-"]);
    expect(stats).toEqual(statsWith({ nrAnonMapped: 4 }));
  });

  it.each(configs)("The new anon rmap of a small folio sets its page mapcount ($config)", ({ config }) => {
    const stats = statsWith();
    const folio = folioWith({ nrPages: 1 });
    freshKernel(config).folioAddNewAnonRmap(stats, folio, mmB, true);
    expect(mapcounts(folio)).toEqual([1]);
    expect(folio).toMatchObject({ anon: true, largeMapcount: -1, nrPagesMapped: 0 });
    expect(folio.pages[0]?.anonExclusive).toBe(true);
    expect(stats.nrAnonMapped).toBe(1);
  });
});

describe("Duplicating mappings for a child", () => {
  const mapped = { mapcount: 4, slots: ["A4", "-"], pageMapcounts: [1, 1, 1, 1], nrPagesMapped: 4 } as const;

  it("Duplicating mappings for a child of an anon folio is for the child, and takes exclusiveness from the pages of the range only", () => {
    const folio = folioWith({ ...mapped, anon: true, exclusive: [true, true, true, true] });
    freshKernel().folioTryDupAnonRmapPtes(folio, 1, 2, mmB, mmA);
    expect(folio.pages.map((page) => page.anonExclusive)).toEqual([true, false, false, true]);
    expect(mapcounts(folio)).toEqual([1, 2, 2, 1]);
    expect(folio).toMatchObject({ largeMapcount: 5, nrPagesMapped: 4, mmIdsShared: true });
    expect(slotWords(folio)).toEqual(["A4", "B2"]);
  });

  it("Duplicating mappings for a child of a file folio is for the child", () => {
    const folio = folioWith(mapped);
    freshKernel().folioDupFileRmapPtes(folio, 3, 1, mmB, mmA);
    expect(mapcounts(folio)).toEqual([1, 1, 1, 2]);
    expect(folio).toMatchObject({ largeMapcount: 4, nrPagesMapped: 4 });
    expect(slotWords(folio)).toEqual(["A4", "B1"]);
  });

  it("Duplicating mappings for a child leaves page mapcounts alone with NO_PAGE_MAPCOUNT, except those of small folios", () => {
    const kernel = freshKernel("no-page-mapcount");
    const large = folioWith({ mapcount: 4, slots: ["A4", "-"] });
    kernel.folioDupFileRmapPtes(large, 0, 4, mmB, mmA);
    expect(mapcounts(large)).toEqual([0, 0, 0, 0]);
    expect(large.largeMapcount).toBe(7);
    const small = folioWith({ nrPages: 1, pageMapcounts: [1], anon: true, exclusive: [true] });
    kernel.folioTryDupAnonRmapPtes(small, 0, 1, mmB, mmA);
    expect(mapcounts(small)).toEqual([2]);
    expect(small.pages[0]?.anonExclusive).toBe(false);
    expect(small.largeMapcount).toBe(-1);
  });
});

describe("Removing mappings", () => {
  it.each([
    { what: "pages that become unmapped", pages: [1, 1, 1, 1], left: [1, 0, 0, 1], mapped: 2, accounted: -2 },
    { what: "one page that becomes unmapped", pages: [1, 2, 1, 1], left: [1, 1, 0, 1], mapped: 3, accounted: -1 },
    { what: "pages that are mapped elsewhere", pages: [1, 2, 3, 1], left: [1, 1, 2, 1], mapped: 4, accounted: 0 },
  ])("Removing mappings accounts $what (PAGE_MAPCOUNT)", ({ pages, left, mapped, accounted }) => {
    const stats = statsWith();
    const mapcount = pages.reduce((sum, each) => sum + each, 0);
    const folio = folioWith({ mapcount, slots: ["A4", "-"], pageMapcounts: pages, nrPagesMapped: 4, anon: true });
    freshKernel().folioRemoveRmapPtes(stats, folio, 1, 2, mmA);
    expect(mapcounts(folio)).toEqual(left);
    expect(folio).toMatchObject({ largeMapcount: mapcount - 3, nrPagesMapped: mapped, onDeferredList: accounted < 0 });
    expect(stats).toEqual(statsWith({ nrAnonMapped: accounted }));
  });

  it("Removing mappings of the last pages is not partial (PAGE_MAPCOUNT)", () => {
    const folio = folioWith({
      mapcount: 1,
      slots: ["A1", "-"],
      pageMapcounts: [0, 0, 0, 1],
      nrPagesMapped: 1,
      anon: true,
    });
    freshKernel().folioRemoveRmapPtes(statsWith(), folio, 3, 1, mmA);
    expect(folio).toMatchObject({ largeMapcount: -1, nrPagesMapped: 0, onDeferredList: false });
  });

  it.each([
    { left: 0, accounted: -4, queued: false },
    { left: 1, accounted: 0, queued: true },
    { left: 3, accounted: 0, queued: true },
    { left: 4, accounted: 0, queued: false },
    { left: 5, accounted: 0, queued: false },
  ])("Removing mappings with $left mappings left: accounts $accounted, queued: $queued (NO_PAGE_MAPCOUNT)", (row) => {
    const stats = statsWith();
    const folio = folioWith({ mapcount: row.left + 2, slots: ["A4", "-"], anon: true });
    freshKernel("no-page-mapcount").folioRemoveRmapPtes(stats, folio, 0, 2, mmA);
    expect(mapcounts(folio)).toEqual([0, 0, 0, 0]);
    expect(stats.nrAnonMapped).toBe(row.accounted);
    expect(folio).toMatchObject({ onDeferredList: row.queued, partiallyMapped: row.queued, nrPagesMapped: 0 });
  });

  it("Removing mappings does not see a partial mapping while a PMD maps the folio (NO_PAGE_MAPCOUNT)", () => {
    const folio = folioWith({ mapcount: 4, slots: ["A4", "-"], anon: true, entireMapcount: 0 });
    freshKernel("no-page-mapcount").folioRemoveRmapPtes(statsWith(), folio, 0, 2, mmA);
    expect(folio.onDeferredList).toBe(false);
  });

  it.each(configs)("Removing mappings of a small folio accounts the last one ($config)", ({ config }) => {
    const kernel = freshKernel(config);
    const stats = statsWith();
    const folio = folioWith({ nrPages: 1, pageMapcounts: [2], anon: true });
    kernel.folioRemoveRmapPtes(stats, folio, 0, 1, mmA);
    expect(stats.nrAnonMapped).toBe(0);
    kernel.folioRemoveRmapPtes(stats, folio, 0, 1, mmB);
    expect(stats.nrAnonMapped).toBe(-1);
    expect(folio).toMatchObject({ largeMapcount: -1, onDeferredList: false });
  });

  it("Removing mappings counts a page whose mapcount was wrong already as no longer mapped, as the kernel does", () => {
    const folio = folioWith({ nrPages: 1, pageMapcounts: [0], anon: true });
    const stats = statsWith();
    freshKernel().folioRemoveRmapPtes(stats, folio, 0, 1, mmA);
    expect(stats.nrAnonMapped).toBe(-1);
  });
});

describe("The deferred split queue", () => {
  it.each([
    { nrPages: 2, queued: false },
    { nrPages: 4, queued: true },
  ])("The deferred split queue takes a folio of $nrPages pages: $queued", ({ nrPages, queued }) => {
    const folio = folioWith({ nrPages });
    freshKernel().deferredSplitFolio(folio, true);
    expect(folio).toMatchObject({ partiallyMapped: queued, onDeferredList: queued });
  });

  it("The deferred split queue releases a folio with both its flag and its place", () => {
    const folio = folioWith({ partiallyMapped: true, onDeferredList: true });
    freshKernel().folioUnqueueDeferredSplit(folio);
    expect(folio).toMatchObject({ partiallyMapped: false, onDeferredList: false });
  });

  it("The deferred split queue leaves the flag of a folio that is not queued to the allocator", () => {
    const folio = folioWith({ partiallyMapped: true });
    freshKernel().folioUnqueueDeferredSplit(folio);
    expect(folio.partiallyMapped).toBe(true);
  });
});

describe("A batch of page table entries", () => {
  it.each([
    { words: "a0 a1 a2 a3", first: 0, end: 4, nr: 4, why: "the whole folio" },
    { words: "a0 a1 a2 a3", first: 1, end: 4, nr: 3, why: "the rest of the folio" },
    { words: "a0 a1 a2 a3", first: 1, end: 3, nr: 2, why: "up to the end of the range" },
    { words: "a0 a1 a2 a3", first: 3, end: 4, nr: 1, why: "the last page" },
    { words: "a0 - a2 a3", first: 0, end: 4, nr: 1, why: "up to a hole" },
    { words: "a0 a1 b2 b3", first: 0, end: 4, nr: 2, why: "up to another folio" },
    { words: "a2 a3 b0 b1", first: 0, end: 4, nr: 2, why: "up to the end of the folio" },
    { words: "a0 a2 a1 a3", first: 0, end: 4, nr: 1, why: "up to a page out of order" },
    { words: "a1 a1 a2 a3", first: 0, end: 4, nr: 1, why: "up to the same page again" },
  ])("A batch of page table entries has $nr entries of $words from $first: $why", ({ words, first, end, nr }) => {
    expect(freshKernel().folioPteBatch(ptesOf(words), first, end, 4)).toBe(nr);
  });

  it("A batch of page table entries never reaches beyond the folio, even when the next entries would fit", () => {
    expect(freshKernel().folioPteBatch(ptesOf("a0 a1 a2 a3"), 0, 4, 2)).toBe(2);
  });
});

describe("The allocator", () => {
  it.each([{ config: "64bit" }, { config: "32bit" }, { config: "no-page-mapcount" }])(
    "The allocator prepares a large folio, in any state before ($config)",
    ({ config }) => {
      const folio = folioWith({
        ...{ refcount: 0, mapcount: 7, slots: ["A2", "B3"], mmIdsShared: true, nrPagesMapped: 3, entireMapcount: 0 },
        onDeferredList: true,
        pincount: 3,
      });
      const kernel = freshKernel(config);
      kernel.prepNewPage(folio, 4);
      const nrPagesMapped = config === "no-page-mapcount" ? 3 : 0;
      expect(folio).toEqual(folioWith({ refcount: 1, nrPagesMapped }));
      expect(kernel.warnings.first).toBe(0);
    },
  );

  it("The allocator does not touch tracking of a small folio", () => {
    const folio = folioWith({ refcount: 0, mapcount: 7, slots: ["A2", "B3"] });
    freshKernel().prepNewPage(folio, 1);
    expect(folio).toMatchObject({ nrPages: 1, refcount: 1, largeMapcount: 6 });
  });

  it("The allocator leaves tracking alone without CONFIG_MM_ID, and on 32-bit the entire mapcount of order 1", () => {
    const folio = folioWith({ slots: ["A2", "B3"], mmIdsShared: true, entireMapcount: 0 });
    freshKernel("32bit,no-mm-id").prepNewPage(folio, 2);
    expect(slotWords(folio)).toEqual(["A2", "B3"]);
    expect(folio).toMatchObject({ mmIdsShared: true, entireMapcount: 0 });
  });

  it("The allocator frees a folio with its last reference only", () => {
    const kernel = freshKernel();
    const folio = folioWith({ refcount: 5, anon: true, partiallyMapped: true, exclusive: [true, false, false, true] });
    expect(kernel.folioPutRefs(folio, 4)).toBe(false);
    expect(folio).toMatchObject({ refcount: 1, nrPages: 4, anon: true });
    expect(kernel.folioPutRefs(folio, 1)).toBe(true);
    expect(folio).toMatchObject({ refcount: 0, nrPages: 1, anon: false, partiallyMapped: false });
    expect(folio.pages.some((page) => page.anonExclusive)).toBe(false);
    expect(kernel.warnings.first).toBe(0);
  });

  it("The allocator takes a queued folio off the queue before it checks it", () => {
    const kernel = freshKernel();
    const folio = folioWith({ partiallyMapped: true, onDeferredList: true });
    expect(kernel.folioPutRefs(folio, 1)).toBe(true);
    expect(folio.onDeferredList).toBe(false);
    expect(kernel.warnings.first).toBe(0);
  });
});
