/**
 * Patches to references, and to the order of references, mappings and entries, whose errors only a concurrent CPU can
 * reveal. The overridden functions are in model/kernel/page-alloc.ts, gup.ts, memory.ts and huge-memory.ts.
 */
import { at } from "../../../../explore/model/schema.ts";
import * as gup from "../../../kernel/gup.ts";
import * as hugeMemory from "../../../kernel/huge-memory.ts";
import * as memory from "../../../kernel/memory.ts";
import { clearPtes, copyPte } from "../../../kernel/pgtable.ts";
import { Warning } from "../../../kernel/warnings.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate, raceViolates } from "./catch.ts";

/** Faulty versions of functions that take and drop references. */
export const referenceRaces: readonly Variant[] = [
  faulty("put-not-atomic", {
    summary: "Dropping references loads and stores the refcount instead of an atomic update",
    caught: raceViolates("C7.instant", { references: 1 }),
    overrides: {
      folioPutRefs(folio, refs) {
        const refcount = folio.refcount - refs;
        folio.refcount = refcount;
        if (refcount !== 0) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
  faulty("put-tests-afterwards", {
    summary: "Dropping references tests whether one is left after the update instead of by it: two CPUs free the folio",
    caught: raceViolates("L3", { references: 1 }),
    overrides: {
      folioPutRefs(folio, refs) {
        this.folioRefSub(folio, refs);
        if (folio.refcount !== 0) {
          return false;
        }
        this.folioUnqueueDeferredSplit(folio);
        this.freePagesPrepare(folio);
        return true;
      },
    },
  }),
  faulty("gup-fast-gets-free-folio", {
    summary: "GUP-fast takes its reference without testing that there is one: folio_get() instead of folio_try_get()",
    caught: callsViolate("L3", "gupFast(0, 1, false) | zap(0, 0, 2)"),
    overrides: {
      tryGrabFolioFast(folio, pin) {
        return gup.tryGrabFolioFast.call(
          {
            ...this,
            folioTryGet: (got) => {
              this.folioRefAdd(got, 1);
              return true;
            },
          },
          folio,
          pin,
        );
      },
    },
  }),
  faulty("gup-fast-tests-then-gets", {
    summary: "GUP-fast tests that the refcount is not 0 and then raises it: two accesses instead of folio_try_get()",
    caught: callsViolate("L3", "gupFast(0, 1, false) | zap(0, 0, 2)"),
    overrides: {
      tryGrabFolioFast(folio, pin) {
        return gup.tryGrabFolioFast.call(
          {
            ...this,
            folioTryGet: (got) => {
              if (got.refcount === 0) {
                return false;
              }
              this.folioRefAdd(got, 1);
              return true;
            },
          },
          folio,
          pin,
        );
      },
    },
  }),
  faulty("gup-fast-without-seqcount", {
    summary: "GUP-fast that pins does not test whether fork() copied page tables meanwhile",
    caught: callsViolate("C11.warnings", "gupFast(0, 0, true) | fork(0, 1)"),
    overrides: {
      gupFastRacedWithFork() {
        return false;
      },
    },
  }),
  faulty("gup-fast-without-second-look", {
    summary:
      "GUP-fast does not load the entry again after it took its reference: it pins a page that is being unmapped and " +
      "shared",
    caught: callsViolate("C11.warnings", "migrate(0, 1) | gupFast(0, 0, true)"),
    overrides: {
      gupFastEntryChanged() {
        return false;
      },
    },
  }),
  faulty("shrinker-gets-free-folio", {
    summary: "The shrinker takes a reference to a queued folio without testing that there is one",
    caught: callsViolate("D1", "shrinkDeferred() | exit(0)", {
      start: "anonFault(0); zap(0, 0, 1)",
      bounds: { pages: 4 },
    }),
    overrides: {
      takeQueued(folio) {
        return hugeMemory.takeQueued.call(
          {
            ...this,
            folioTryGet: (got) => {
              this.folioRefAdd(got, 1);
              return true;
            },
          },
          folio,
        );
      },
    },
  }),
  faulty("fork-references-last", {
    summary: "fork() takes references after it has duplicated the mappings",
    caught: raceViolates("C7.instant"),
    overrides: {
      copyPteRange(...args) {
        let owed = 0;
        memory.copyPteRange.apply(
          {
            ...this,
            folioRefAdd: (_folio, nr) => {
              owed = nr;
            },
            folioTryDupAnonRmapPtes: (folio, page, nrPages, dstMm, srcMm) => {
              const dup = this.folioTryDupAnonRmapPtes(folio, page, nrPages, dstMm, srcMm);
              this.folioRefAdd(folio, owed);
              return dup;
            },
          },
          args,
        );
      },
    },
  }),
  faulty("zap-references-first", {
    summary: "Zapping drops the references before it removes the mappings, not after the TLB flush",
    caught: raceViolates("C7.instant"),
    overrides: {
      zapPresentFolioPtes(state, mm, vma, folio, first, nr) {
        const { page } = at(vma.ptes, first);
        clearPtes(vma.ptes, first, nr);
        this.folioRefSub(folio, nr);
        this.folioRemoveRmapPtes(state.stats, folio, page, nr, mm);
        this.vmWarnOn(this.folioMapcount(folio) < 0, Warning.badPte);
        this.freeSwapCache(state, folio);
        this.folioRefAdd(folio, nr);
        this.folioPutRefs(folio, nr);
      },
    },
  }),
  faulty("zap-entries-last", {
    summary: "Zapping clears the entries after it removed the mappings",
    caught: callsViolate("C18", "exit(0) | maybeMappedShared()", { start: "anonFault(0); fork(0, 1)" }),
    overrides: {
      zapPresentFolioPtes(state, mm, vma, folio, first, nr) {
        const { page } = at(vma.ptes, first);
        this.folioRemoveRmapPtes(state.stats, folio, page, nr, mm);
        clearPtes(vma.ptes, first, nr);
        this.folioPutRefs(folio, nr);
      },
    },
  }),
  faulty("fork-entries-first", {
    summary: "fork() writes the child's entries before it duplicates the mappings",
    caught: raceViolates("C18", { readers: 1 }),
    overrides: {
      copyPteRange(state, dstMm, srcMm, dstVma, srcVma) {
        memory.copyPteRange.call(
          {
            ...this,
            folioTryDupAnonRmapPtes: (folio, page, nrPages, childMm, parentMm) => {
              for (let i = 0; i < srcVma.ptes.length; i++) {
                const pte = at(srcVma.ptes, i);
                if (pte.folio === folio.frameNumber && pte.page >= page && pte.page < page + nrPages) {
                  pte.writable = false;
                  copyPte(at(dstVma.ptes, i), pte);
                }
              }
              return this.folioTryDupAnonRmapPtes(folio, page, nrPages, childMm, parentMm);
            },
          },
          state,
          dstMm,
          srcMm,
          dstVma,
          srcVma,
        );
      },
    },
  }),
  faulty("fork-protects-last", {
    summary: "fork() write-protects the parent's entries after the child has its own",
    caught: raceViolates("C9.instant"),
    overrides: {
      __copyPresentPtes(dstVma, srcVma, first, nr) {
        for (let i = first; i < first + nr; i++) {
          const from = at(srcVma.ptes, i);
          const to = at(dstVma.ptes, i);
          to.folio = from.folio;
          to.page = from.page;
        }
        for (let i = first; i < first + nr; i++) {
          at(srcVma.ptes, i).writable = false;
        }
      },
    },
  }),
];
