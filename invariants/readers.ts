/** Claims about information in /proc, compared with the page tables. */

import { always, type Property, sometimes } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { PageTableTruth, WorldView } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { isPresent } from "../model/kernel/pgtable.ts";
import type { Folio } from "../model/state/structs.ts";
import type { World, WorldMm } from "../model/state/world.ts";
import { everyFolio, type FoliosView, someFolio } from "./every-folio.ts";
import { type Fault, ofEach, unequal } from "./fault.ts";

/** Counts the entries of an MM of both levels that map a page. */
function ownMappings(mm: WorldMm, folio: number, page: number): number {
  let own = 0;
  for (let v = 0; v < mm.vmas.length; v++) {
    const { pmd, ptes } = at(mm.vmas, v);
    own += pmd.folio === folio && isPresent(pmd) ? 1 : 0;
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      own += pte.folio === folio && pte.page === page && isPresent(pte) ? 1 : 0;
    }
  }
  return own;
}

/** Returns the number of entries of all MMs that map a page. */
export function mappingsOfPage({ mappingsOfPage, pmdMappings }: PageTableTruth, page: number): number {
  return (mappingsOfPage[page] as number) + pmdMappings;
}

function ofPages(
  truth: PageTableTruth,
  faultsOf: (page: number, mappings: number) => readonly Fault[],
): readonly Fault[] {
  return Array.from({ length: truth.folio.nrPages }, (_, page) => faultsOf(page, mappingsOfPage(truth, page))).flat();
}

/** Returns the expected PSS divisor of smaps: 1 if there is only one reference. */
function pssDivisor({ folio }: PageTableTruth, mappings: number): number {
  return folio.refcount === 1 ? 1 : Math.max(mappings, 1);
}

/** Whether all entries that map a page, `mappings` in number, belong to one MM. */
function isMappedByOneMm({ mms }: World, folio: number, page: number, mappings: number): boolean {
  for (let m = 0; m < mms.length; m++) {
    const own = ownMappings(at(mms, m), folio, page);
    if (own > 0) {
      return own === mappings;
    }
  }
  return true;
}

/** Whether a reader reports only pages as private that a single MM maps. */
function reportsOnlyPrivatePages(
  { folios, world, kernel }: WorldView,
  isPrivate: (this: Kernel, folio: Folio, page: number) => boolean,
): boolean {
  for (let f = 0; f < folios.length; f++) {
    const truth = at(folios, f);
    // A page with one mapping, or in a folio that one MM maps, is private.
    for (let page = 0; truth.mappingMms > 1 && page < truth.folio.nrPages; page++) {
      const mappings = mappingsOfPage(truth, page);
      if (mappings > 1 && isPrivate.call(kernel, truth.folio, page) && !isMappedByOneMm(world, f + 1, page, mappings)) {
        return false;
      }
    }
  }
  return true;
}

/** Returns the pages that a reader reports as private although several MMs map them. */
function wronglyPrivate(
  { folios, world, kernel }: WorldView,
  field: string,
  isPrivate: (this: Kernel, folio: Folio, page: number) => boolean,
): readonly Fault[] {
  return ofEach(folios, (truth, folio) =>
    Array.from({ length: truth.mappingMms > 1 ? truth.folio.nrPages : 0 }, (_, page) => page)
      .filter((page) => {
        const mappings = mappingsOfPage(truth, page);
        return (
          mappings > 1 &&
          isPrivate.call(kernel, truth.folio, page) &&
          !isMappedByOneMm(world, folio + 1, page, mappings)
        );
      })
      .map((page) => ({ folio, page, field, actual: true, expected: false })),
  );
}

/** C15. Two mappings of a page in one MM: NO_PAGE_MAPCOUNT may count it as private, PAGE_MAPCOUNT never does. */
export const privateIsPrivate: Property<WorldView> = always({
  id: "C15",
  claim: "smaps counts a page as private to an MM (USS) only if no other MM maps it",
  source: "cover letter, section 3; series v3 19/20 (6dd55dd1c555)",
  holds: (view) => reportsOnlyPrivatePages(view, view.kernel.smapsPrivate),
  faults: (view) => wronglyPrivate(view, "smaps: private", view.kernel.smapsPrivate),
});

/** C15, PM_MMAP_EXCLUSIVE. */
export const mmapExclusiveIsExclusive: Property<WorldView> = always({
  id: "C15.pagemap",
  claim: "pagemap reports a PTE-mapped page as exclusively mapped (PM_MMAP_EXCLUSIVE) only if no other MM maps it",
  source: "series v3 17/20 (eb16876971ea)",
  holds: (view) => reportsOnlyPrivatePages(view, view.kernel.pagemapMmapExclusive),
  faults: (view) => wronglyPrivate(view, "PM_MMAP_EXCLUSIVE", view.kernel.pagemapMmapExclusive),
});

/** C15, in the other direction. */
export const privateIsExact: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C15.exact",
  claim:
    "With CONFIG_PAGE_MAPCOUNT, smaps and pagemap report a PTE-mapped page as private exactly when one entry maps it",
  source: "fs/proc/task_mmu.c, smaps_account(), __folio_page_mapped_exclusively()",
  when: ({ mappings }) => mappings > 0,
  holds: (truth, kernel) => {
    for (let page = 0; page < truth.folio.nrPages; page++) {
      const mappings = mappingsOfPage(truth, page);
      const isPrivate = mappings === 1;
      if (
        mappings > 0 &&
        (kernel.smapsPrivate(truth.folio, page) !== isPrivate ||
          kernel.pagemapMmapExclusive(truth.folio, page) !== isPrivate)
      ) {
        return false;
      }
    }
    return true;
  },
  faults: (truth, kernel) =>
    ofPages(truth, (page, mappings) =>
      mappings === 0
        ? []
        : [
            ...unequal("smaps: private", kernel.smapsPrivate(truth.folio, page), mappings === 1, { page }),
            ...unequal("PM_MMAP_EXCLUSIVE", kernel.pagemapMmapExclusive(truth.folio, page), mappings === 1, { page }),
          ],
    ),
});

/** W6. */
export const privateIsMissed: Property<WorldView> = sometimes({
  id: "W6",
  claim: "With CONFIG_NO_PAGE_MAPCOUNT, smaps does not count a page as private although one MM alone maps it",
  source: "series v3 19/20 (6dd55dd1c555)",
  reached: ({ folios, world, kernel }) => {
    for (let f = 0; f < folios.length; f++) {
      const truth = at(folios, f);
      for (let page = 0; truth.mappings > 0 && page < truth.folio.nrPages; page++) {
        const mappings = mappingsOfPage(truth, page);
        if (mappings > 0 && !kernel.smapsPrivate(truth.folio, page) && isMappedByOneMm(world, f + 1, page, mappings)) {
          return true;
        }
      }
    }
    return false;
  },
});

/** C15, an exception. */
export const pagemapLooksAtHead: Property<FoliosView<PageTableTruth>> = someFolio({
  id: "C15.pagemap-pmd",
  claim:
    "Exception: with CONFIG_PAGE_MAPCOUNT, pagemap reports a page that a PMD maps as exclusively mapped although " +
    "another MM maps it by a PTE, because it checks the head page only",
  source: "fs/proc/task_mmu.c, pagemap_pmd_range(), since series v3 17/20 (eb16876971ea)",
  reached: (truth, kernel) => {
    for (let page = 0; truth.pmdMappings > 0 && page < truth.folio.nrPages; page++) {
      if (kernel.pagemapPmdMmapExclusive(truth.folio, page) && mappingsOfPage(truth, page) > 1) {
        return true;
      }
    }
    return false;
  },
});

/** C16, precise. */
export const kpagecountIsPrecise: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C16",
  claim:
    "With CONFIG_PAGE_MAPCOUNT, kpagecount, the PSS divisor, and mapmax of a page that a PTE maps are the entries that map " +
    "the page; mapmax of a PMD are those that map the head page",
  source: "series v3 16/20, 18/20, 19/20; fs/proc/internal.h, folio_precise_page_mapcount()",
  when: ({ folio }) => folio.allocated,
  holds: (truth, kernel) => {
    for (let page = 0; page < truth.folio.nrPages; page++) {
      const mappings = mappingsOfPage(truth, page);
      if (
        kernel.kpagecount(truth.folio, page) !== mappings ||
        // numa_maps evaluates each page that a PTE maps, and the first page that a PMD maps.
        ((page === 0 || (truth.mappingsOfPage[page] as number) > 0) &&
          kernel.numaMapsMapmax(truth.folio, page) !== mappings) ||
        kernel.smapsPssDivisor(truth.folio, page) !== (truth.folio.refcount === 1 ? 1 : Math.max(mappings, 1))
      ) {
        return false;
      }
    }
    return true;
  },
  faults: (truth, kernel) =>
    ofPages(truth, (page, mappings) => [
      ...unequal("kpagecount", kernel.kpagecount(truth.folio, page), mappings, { page }),
      ...(page === 0 || (truth.mappingsOfPage[page] as number) > 0
        ? unequal("mapmax", kernel.numaMapsMapmax(truth.folio, page), mappings, { page })
        : []),
      ...unequal("PSS divisor", kernel.smapsPssDivisor(truth.folio, page), pssDivisor(truth, mappings), { page }),
    ]),
});

/** Computes the documented average from the ground truth. */
export function average({ folio, mappings, pmdMappings }: PageTableTruth): number {
  if (mappings === 0) {
    return 0;
  }
  return Math.max(1, pmdMappings + Math.round((mappings - pmdMappings) / folio.nrPages));
}

/** C16, averages. Small folios are always precise. */
export const kpagecountIsAverage: Property<FoliosView<PageTableTruth>> = everyFolio({
  id: "C16.average",
  claim:
    "With CONFIG_NO_PAGE_MAPCOUNT, kpagecount, mapmax and the PSS divisor are the rounded average of the folio, at least " +
    "1 while anything maps it, and 0 when nothing does",
  source: "series v3 16/20 (ae4192b7691c), 18/20, 19/20; fs/proc/internal.h, folio_average_page_mapcount()",
  when: ({ folio }) => folio.allocated,
  holds: (truth, kernel) => {
    const expected = average(truth);
    return (
      kernel.kpagecount(truth.folio, 0) === expected &&
      kernel.numaMapsMapmax(truth.folio, 0) === expected &&
      kernel.smapsPssDivisor(truth.folio, 0) === (truth.folio.refcount === 1 ? 1 : Math.max(expected, 1))
    );
  },
  faults: (truth, kernel) => {
    const expected = average(truth);
    return [
      ...unequal("kpagecount", kernel.kpagecount(truth.folio, 0), expected, { page: 0 }),
      ...unequal("mapmax", kernel.numaMapsMapmax(truth.folio, 0), expected, { page: 0 }),
      ...unequal("PSS divisor", kernel.smapsPssDivisor(truth.folio, 0), pssDivisor(truth, expected), { page: 0 }),
    ];
  },
});
