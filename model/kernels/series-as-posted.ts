/**
 * __wp_can_reuse_large_anon_folio() of the series as posted, before two fixes. The errors show only while another CPU
 * maps or unmaps the folio: sequential execution does not reach them.
 *
 * @source series v3 13/20 (1da190f4d0a6), mm/memory.c; both fixes are in Linux 6.15
 */
import { at } from "../../explore/model/schema.ts";
import type { KernelPatch } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import { callsViolate, raceViolates } from "./faulty/races/catch.ts";
import type { Variant } from "./variant.ts";

/** The two mistakes of the function. */
interface Mistakes {
  /**
   * Under the lock, the function warns about fewer mappings than references instead of more: about any reference taken
   * meanwhile.
   */
  readonly warnsOfReferences?: true;
  /**
   * The function warns about more mappings than pages, and about an entire mapcount, before it takes the lock instead
   * of after the second comparison. With CONFIG_PAGE_MAPCOUNT a PMD mapping is subtracted from the large mapcount
   * first: in between, the folio is exclusive to the other MM and still has an entire mapcount.
   */
  readonly checksBeforeLock?: true;
}

function reuseWith({ warnsOfReferences, checksBeforeLock }: Mistakes): KernelPatch {
  return {
    wpCanReuseLargeAnonFolio(state, folio, mm) {
      if (this.folioMapcount(folio) <= 1 || folio.mmIdsShared) {
        return false;
      }
      if (checksBeforeLock) {
        this.wpReuseChecks(folio);
      }
      if (folio.swapcache) {
        if (!this.folioTrylock(folio)) {
          return false;
        }
        this.folioFreeSwap(state, folio);
        this.folioUnlock(folio);
      }
      if (this.folioMapcount(folio) !== folio.refcount) {
        return false;
      }
      this.folioLockLargeMapcount(folio);
      const mapcount = this.folioMapcount(folio);
      const { refcount } = folio;
      this.vmWarnOn(warnsOfReferences ? mapcount < refcount : mapcount > refcount, Warning.reuseAboveRefcount);
      const exclusive = !folio.mmIdsShared && this.folioMapcount(folio) === folio.refcount;
      if (exclusive) {
        if (!checksBeforeLock) {
          this.wpReuseChecks(folio);
        }
        this.vmWarnOn(
          at(folio.slots, 0).mmId !== mm.idNumber && at(folio.slots, 1).mmId !== mm.idNumber,
          Warning.reuseByUntracked,
        );
      }
      this.folioUnlockLargeMapcount(folio);
      return exclusive;
    },
  };
}

/** Variants with one of the mistakes, and with both. */
export const reuseRaceVariants: readonly Variant[] = [
  {
    name: "b1",
    base: "v6.15",
    summary:
      "__wp_can_reuse_large_anon_folio() warns under the large-mapcount lock of fewer mappings than references: of any " +
      "reference that was taken after the comparison without the lock",
    faulty: true,
    caught: callsViolate("C9.warnings", "writeFault(1, 0) | speculativeReference()", {
      start: "anonFault(0); fork(0, 1); exit(0)",
    }),
    overrides: reuseWith({ warnsOfReferences: true }),
  },
  {
    name: "b2",
    base: "v6.15",
    summary:
      "__wp_can_reuse_large_anon_folio() warns of an entire mapcount, and of more mappings than pages, before it takes the " +
      "large-mapcount lock",
    faulty: true,
    caught: raceViolates("C9.warnings", { pmd: 1, writes: 1 }),
    overrides: reuseWith({ checksBeforeLock: true }),
  },
  {
    name: "v3-as-posted",
    base: "v6.15",
    summary: "The series as posted: b1 and b2",
    faulty: true,
    caught: callsViolate("C9.warnings", "writeFault(1, 0) | speculativeReference()", {
      start: "anonFault(0); fork(0, 1); exit(0)",
    }),
    overrides: reuseWith({ warnsOfReferences: true, checksBeforeLock: true }),
  },
];
