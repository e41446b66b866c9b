/** States that violate the claims about statistics, partial mappings and /proc. */
import { anon, cached, forked, onePage, type Row, type Setting, set, withoutPageMapcounts } from "./settings.ts";

const pmd: Setting = { ...anon, scope: "pmd" };
const sharedByPmd: Setting = { ...forked, scope: "pmd" };
const filePmd: Setting = {
  ...pmd,
  run: (start) => cached.run(start).act("filePmdFault", { mm: 0, vma: 1 }),
};
/** Setting with a folio mapped by a PMD in one MM, and by three PTEs in the other. */
export const mixed: Setting = {
  ...pmd,
  run: (start) => sharedByPmd.run(start).act("unmap", { mm: 1, vma: 0, first: 0, count: 1 }),
};
/** Setting in which only the child maps the first page, and the last is unmapped. */
const partial: Setting = {
  ...anon,
  run: (start) =>
    forked
      .run(start)
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 })
      .act("unmap", { mm: 0, vma: 0, first: 3, count: 1 })
      .act("unmap", { mm: 1, vma: 0, first: 3, count: 1 }),
};
export const rfc: Setting = { ...sharedByPmd, config: "no-page-mapcount", kernel: "rfc-2026-04" };

/** States that violate the claims about statistics, partial mappings and /proc. */
export const READER_ROWS: readonly Row[] = [
  ...[
    { claim: "C13.pmd", of: (setting: Setting) => setting },
    { claim: "C12.pmd", of: withoutPageMapcounts },
  ].flatMap(({ claim, of }): Row[] => [
    {
      claim,
      what: "each PMD is counted",
      setting: of(sharedByPmd),
      change: (world) => set(world.stats, { nrAnonThps: 8 }),
    },
    {
      claim,
      what: "a folio that a PMD maps is not",
      setting: of(mixed),
      change: (world) => set(world.stats, { nrAnonThps: 0 }),
    },
    {
      claim,
      what: "a PTE-mapped folio is counted",
      setting: of({ ...onePage, scope: "pmd" }),
      change: (world) => set(world.stats, { nrAnonThps: 4 }),
    },
    {
      claim,
      what: "a file folio that a PMD maps is not",
      setting: of(filePmd),
      change: (world) => set(world.stats, { nrFilePmdmapped: 0 }),
    },
    {
      claim,
      what: "anon pages as file pages",
      setting: of(pmd),
      change: (world) => set(world.stats, { nrAnonThps: 0, nrFilePmdmapped: 4 }),
    },
  ]),
  ...[onePage, withoutPageMapcounts(onePage), partial].flatMap((setting, which): Row[] => [
    {
      claim: "C14",
      what: `not marked (${which})`,
      setting,
      change: (_, folio) => set(folio, { partiallyMapped: false }),
    },
    {
      claim: "C14",
      what: `not queued (${which})`,
      setting,
      change: (_, folio) => set(folio, { onDeferredList: false }),
    },
  ]),
  {
    claim: "C14.queue",
    what: "marked and not queued",
    setting: onePage,
    change: (_, folio) => set(folio, { onDeferredList: false }),
  },
  {
    claim: "C14.queue",
    what: "a file folio",
    setting: onePage,
    change: (_, folio) => set(folio, { anon: false }),
  },
  {
    claim: "C14.queue",
    what: "a folio of two pages",
    setting: onePage,
    change: (_, folio) => set(folio, { nrPages: 2 }),
  },
  {
    claim: "C15.exact",
    what: "one MM, precise mapcount of 2",
    setting: anon,
    change: (_, folio) => set(folio.pages[2], { mapcount: 1 }),
  },
  {
    claim: "C15.exact",
    what: "two MMs, precise mapcount of 1",
    setting: forked,
    change: (_, folio) => set(folio.pages[2], { mapcount: 0 }),
  },
  {
    claim: "C15.exact",
    what: "two MMs, one reference",
    setting: forked,
    change: (_, folio) => set(folio, { refcount: 1 }),
  },
  ...["C15", "C15.pagemap"].flatMap((claim): Row[] => [
    {
      claim,
      what: "two MMs, precise mapcount of 1",
      setting: forked,
      change: (_, folio) => set(folio.pages[2], { mapcount: 0 }),
    },
    {
      claim,
      what: "a PMD and a PTE, precise mapcount of 1",
      setting: mixed,
      change: (_, folio) => set(folio.pages[2], { mapcount: -1 }),
    },
    {
      claim,
      what: "two MMs, not marked",
      setting: withoutPageMapcounts(forked),
      change: (_, folio) => set(folio, { mmIdsShared: false }),
    },
  ]),
  {
    claim: "C15",
    what: "two MMs, one reference",
    setting: forked,
    change: (_, folio) => set(folio, { refcount: 1 }),
  },
  {
    claim: "C16",
    what: "one mapping too many of a page",
    setting: forked,
    change: (_, folio) => set(folio.pages[3], { mapcount: 2 }),
  },
  {
    claim: "C16",
    what: "one PMD mapping too few",
    setting: sharedByPmd,
    change: (_, folio) => set(folio, { entireMapcount: 0 }),
  },
  {
    claim: "C16",
    what: "an unmapped page, counted",
    setting: cached,
    change: (_, folio) => set(folio.pages[1], { mapcount: 0 }),
  },
  {
    claim: "C16.average",
    what: "half of the mappings",
    setting: withoutPageMapcounts(forked),
    change: (_, folio) => set(folio, { largeMapcount: 3 }),
  },
  {
    claim: "C16.average",
    what: "a PMD mapping counted as a PTE's",
    setting: withoutPageMapcounts(sharedByPmd),
    change: (_, folio) => set(folio, { entireMapcount: 0 }),
  },
  {
    claim: "C16.average",
    what: "nothing is mapped, and 1 is reported",
    setting: withoutPageMapcounts(cached),
    change: (_, folio) => set(folio, { largeMapcount: 0 }),
  },
  {
    claim: "C6.entire-mapcount",
    what: "one too few",
    setting: sharedByPmd,
    change: (_, folio) => set(folio, { entireMapcount: 0 }),
  },
  {
    claim: "C6.nr-pages-mapped",
    what: "without the PMD's share",
    setting: mixed,
    change: (_, folio) => set(folio, { nrPagesMapped: 3 }),
  },
  {
    claim: "C6.total-mapped-pages",
    what: "a PMD mapping counted as one page",
    setting: rfc,
    change: (_, folio) => set(folio, { totalMappedPages: 5 }),
  },
  {
    claim: "C7.expected",
    what: "the mapcount is wrong",
    setting: forked,
    change: (_, folio) => set(folio, { largeMapcount: 8 }),
  },
  {
    claim: "C7.expected",
    what: "the file folio is taken for an anon one",
    setting: cached,
    change: (_, folio) => set(folio, { anon: true }),
  },
];
