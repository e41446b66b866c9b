/**
 * Patches to the reverse mapping whose errors only a concurrent CPU can reveal. The overridden functions are in
 * model/kernel/rmap.ts.
 */
import type { Kernel, KernelPatch } from "../../../kernel/kernel.ts";
import * as base from "../../../kernel/rmap.ts";
import type { Folio, Page } from "../../../state/structs.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate } from "./catch.ts";

const NO_PAGE_MAPCOUNT = "no-page-mapcount";

/** Replaces atomic updates by a load and a store: an update of another CPU between them is lost. */
const loadAndStore: KernelPatch = {
  entireMapcountAddReturn(folio: Folio, nr: number): number {
    const mapcount = folio.entireMapcount + nr;
    folio.entireMapcount = mapcount;
    return mapcount;
  },
  nrPagesMappedAddReturn(folio: Folio, nr: number): number {
    const nrPagesMapped = folio.nrPagesMapped + nr;
    folio.nrPagesMapped = nrPagesMapped;
    return nrPagesMapped;
  },
  pageMapcountAddReturn(page: Page, nr: number): number {
    const mapcount = page.mapcount + nr;
    page.mapcount = mapcount;
    return mapcount;
  },
};

/** Returns a patch of folioRemoveRmap() that uses one of these updates. */
function removeBy(update: keyof typeof loadAndStore & keyof Kernel): KernelPatch {
  return {
    folioRemoveRmap(...args) {
      base.folioRemoveRmap.apply({ ...this, [update]: loadAndStore[update] }, args);
    },
  };
}

/** Faulty versions of the reverse mapping. */
export const rmapRaces: readonly Variant[] = [
  faulty("entire-mapcount-not-atomic", {
    summary: "Removing a PMD mapping loads and stores the entire mapcount instead of an atomic update",
    caught: callsViolate("C4.bad-page", "exit(0) | exit(1)", { start: "anonFault(0); fork(0, 1)", bounds: { pmd: 1 } }),
    overrides: removeBy("entireMapcountAddReturn"),
  }),
  faulty("nr-pages-mapped-not-atomic", {
    summary: "Removing mappings loads and stores _nr_pages_mapped instead of an atomic update",
    caught: callsViolate("C4.bad-page", "exit(0) | exit(1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: removeBy("nrPagesMappedAddReturn"),
  }),
  faulty("page-mapcount-not-atomic", {
    summary: "Removing PTE mappings loads and stores the mapcount of each page instead of an atomic update",
    caught: callsViolate("C6.page-mapcount", "zap(0, 0, 1) | zap(1, 0, 1)", { start: "anonFault(0); fork(0, 1)" }),
    overrides: removeBy("pageMapcountAddReturn"),
  }),
  faulty("unmapped-by-second-read", {
    summary:
      "Whether the folio is unmapped is read from the large mapcount after the lock was dropped, not returned under it",
    caught: callsViolate("C12", "exit(0) | exit(1)", { start: "anonFault(0); fork(0, 1)", config: NO_PAGE_MAPCOUNT }),
    overrides: {
      folioRemoveRmap(...args) {
        const reading: Kernel = {
          ...this,
          folioSubReturnLargeMapcount: (folio, diff, mm) => {
            this.folioSubReturnLargeMapcount(folio, diff, mm);
            return this.folioMapcount(folio as Folio);
          },
        };
        base.folioRemoveRmap.apply(reading, args);
      },
    },
  }),
  faulty("last-pmd-by-second-read", {
    summary: "Removing a PMD mapping lowers the entire mapcount and then reads it to see whether it was the last",
    caught: callsViolate("C12.pmd", "exit(0) | exit(1)", {
      start: "anonFault(0); fork(0, 1)",
      bounds: { pmd: 1 },
      config: NO_PAGE_MAPCOUNT,
    }),
    overrides: {
      folioRemoveRmap(...args) {
        const reading: Kernel = {
          ...this,
          entireMapcountAddReturn: (folio, nr) => {
            this.entireMapcountAdd(folio, nr);
            return folio.entireMapcount;
          },
        };
        base.folioRemoveRmap.apply(reading, args);
      },
    },
  }),
];
