/** Rmap functions under proof that can be executed with numbers: those of the model. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { reportingTo, Warnings, warningName } from "../../model/kernel/warnings.ts";
import { freshFolio } from "../../model/state/fresh-folio.ts";
import type { Folio } from "../../model/state/structs.ts";
import { type ExecutedFunctions, type FailedAssertion, modelFunctions, storedIn } from "../executed-functions.ts";
import type { AccountedFolio, FolioKind } from "./accounted-state.ts";
import type { RmapOperation } from "./rmap-operations.ts";

/** A folio with numbers. */
export interface NumberFolio extends AccountedFolio<boolean, number>, FolioKind<boolean, number> {}

/** Effects of an operation. */
export interface RmapOutcome {
  readonly after: NumberFolio;
  /** Whether anything else changed: another statistic, or a spinlock that stays held. */
  readonly changesOthers: boolean;
  /** The first kernel assertion that failed. */
  readonly warning: FailedAssertion | undefined;
}

/** Rmap functions that can be executed on numbers, and owner tracking of the same kernel. */
export interface ExecutedAccounting {
  readonly tracking: ExecutedFunctions;
  /** Pages of the largest folio that can be executed. */
  readonly mostPages: number;
  /**
   * Executes an operation on a folio.
   *
   * @param page position of the first page
   * @param diff mappings: of a PMD, 1
   * @param mmId id of the MM that acts
   */
  readonly run: (operation: RmapOperation, folio: NumberFolio, page: number, diff: number, mmId: number) => RmapOutcome;
}

/** A folio of the model has an object for each page. */
const MOST_PAGES = 1024;

/** The functions of a kernel of the model. */
export function modelAccounting(silent: Kernel): ExecutedAccounting {
  const warnings = new Warnings();
  const kernel = reportingTo(warnings, silent);
  return {
    tracking: modelFunctions(silent),
    mostPages: MOST_PAGES,
    run: (operation, before, page, diff, mmId) => {
      const folio = folioOf(before);
      const stats = { ...before.statistics };
      const mm = { idNumber: mmId, hasId: true, hasPinned: false };
      warnings.first = 0;
      switch (operation) {
        case "add-ptes":
          kernel.folioAddRmap(stats, folio, page, diff, mm, "pte");
          break;
        case "add-pmd":
          kernel.folioAddRmap(stats, folio, 0, folio.nrPages, mm, "pmd");
          break;
        case "remove-ptes":
          kernel.folioRemoveRmapPtes(stats, folio, page, diff, mm);
          break;
        case "remove-pmd":
          kernel.folioRemoveRmapPmd(stats, folio, mm);
          break;
      }
      const name = warningName(warnings.first);
      warnings.first = 0;
      const { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped } = stats;
      const { entireMapcount, partiallyMapped, onDeferredList, anon, swapcache } = folio;
      const after: NumberFolio = {
        ...storedIn(folio),
        entireMapcount,
        partiallyMapped,
        queued: onDeferredList,
        statistics: { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped },
        nrPages: before.nrPages,
        pmdSized: before.pmdSized,
        anon,
        swapcache,
        shmem: before.shmem,
      };
      return { after, changesOthers: false, warning: name && { kind: "model", name } };
    },
  };
}

/** HPAGE_PMD_NR where a PMD does not map the folio: of folios twice as large. */
function pmdPagesOf({ nrPages, pmdSized }: FolioKind<boolean, number>): number {
  return pmdSized ? nrPages : 2 * nrPages;
}

function folioOf(folio: NumberFolio): Folio {
  const { nrPages, largeMapcount, entireMapcount, shared, slots, anon, swapcache, partiallyMapped, queued } = folio;
  return {
    ...freshFolio(nrPages),
    allocated: true,
    nrPages,
    hpagePmdNr: pmdPagesOf(folio),
    frameNumber: 1,
    anon,
    swapcache,
    partiallyMapped,
    onDeferredList: queued,
    mmIdsShared: shared,
    largeMapcount,
    entireMapcount,
    slots: slots.map(({ id, count }) => ({ mmId: id, mapcount: count })),
  };
}
