/** Traces of several scopes under faulty kernels. Each ends at the first violation of its property. */
import { at } from "../../explore/model/schema.ts";
import * as hugeMemory from "../../model/kernel/huge-memory.ts";
import * as memory from "../../model/kernel/memory.ts";
import * as rmap from "../../model/kernel/rmap.ts";
import { HolderKind } from "../../model/state/world.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { call, executed } from "./executed.ts";

/** A page is written to in place although there is another reference. */
export const pinsTrace: TraceReport = executed({
  machine: "pins",
  bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 1, holders: 1 },
  kernel: "reuse-ignores-references",
  overrides: {
    wpCanReuseLargeAnonFolio(_machine, folio) {
      return this.folioMapcount(folio) > 1 && !folio.mmIdsShared;
    },
  },
  property: "C9.held",
  calls: [
    call("anonFault", { mm: 0, first: 0, pages: 2 }),
    call("fork", { parent: 0, child: 1 }),
    call("gup", { mm: 0, entry: 0, kind: HolderKind.get }),
    call("exit", { mm: 0 }),
    call("writeFault", { mm: 1, entry: 0 }),
    call("store", { mm: 1, entry: 0, value: 1 }),
  ],
});

/** Swap entries stay exclusive when they are copied. */
export const swapTrace: TraceReport = executed({
  machine: "swap",
  bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 0, swapSlots: 2 },
  kernel: "fork-keeps-exclusive",
  overrides: {
    copyNonpresentPte(machine, dstPte, srcPte) {
      const { exclusive } = srcPte;
      memory.copyNonpresentPte.call(this, machine, dstPte, srcPte);
      srcPte.exclusive = exclusive;
      dstPte.exclusive = exclusive;
    },
  },
  property: "C11.entries",
  calls: [
    call("anonFault", { mm: 0, first: 0, pages: 2 }),
    call("addToSwap", { folio: 0 }),
    call("tryToUnmap", { folio: 0, mm: 0 }),
    call("fork", { parent: 0, child: 1 }),
  ],
});

/** A PMD split makes its pages shared, and leaves its PTEs writable. */
export const pmdTrace: TraceReport = executed({
  machine: "pmd",
  bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 0 },
  kernel: "split-pmd-loses-exclusive",
  overrides: {
    splitHugePmdLocked(machine, mm, vma, freeze) {
      const { pages } = at(machine.folios, vma.pmd.folio - 1);
      hugeMemory.splitHugePmdLocked.call(this, machine, mm, vma, freeze);
      for (const page of pages) {
        page.anonExclusive = false;
      }
    },
  },
  property: "C11.writable",
  calls: [call("anonFault", { mm: 0, first: 0, pages: 4 }), call("unmap", { mm: 0, vma: 0, first: 0, count: 1 })],
});

/** A migrated PMD entry is writable in every process, even if it was not before. */
export const migrationTrace: TraceReport = executed({
  machine: "migration",
  bounds: { pages: 2, minPages: 2, mms: 2, folios: 2, smallFolios: 0, pmd: 1 },
  kernel: "migrated-pmd-is-writable",
  overrides: {
    removeMigrationPmd(machine, mm, vma, folio) {
      hugeMemory.removeMigrationPmd.call(this, machine, mm, vma, folio);
      vma.pmd.writable = true;
    },
  },
  property: "C9.contents",
  calls: [
    call("anonFault", { mm: 0, first: 0, pages: 2 }),
    call("fork", { parent: 0, child: 1 }),
    call("migrateUnmap", { folio: 0, walk: "1,0" }),
    call("migrateMove", { folio: 0, walk: "1,0" }),
    call("store", { mm: 1, entry: 0, value: 1 }),
  ],
});

/** A split does not drop a reference. */
export const splitTrace: TraceReport = executed({
  machine: "split",
  bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 3, pmd: 1 },
  kernel: "split-keeps-a-reference",
  overrides: {
    remapPage(machine, folio, page, newFolio) {
      hugeMemory.remapPage.call(this, machine, folio, page, newFolio);
      newFolio.refcount += page === 1 ? 1 : 0;
    },
  },
  property: "C7",
  calls: [call("anonFault", { mm: 0, first: 0, pages: 4 }), call("split", { folio: 0, walk: "0" })],
});

/** Two kernels in lockstep, one of which accounts pages as unmapped that another MM maps. */
export const lockstepTrace: TraceReport = executed({
  machine: "rmap",
  bounds: { pages: 4, minPages: 4, mms: 2 },
  kernel: "remove-accounts-too-much",
  overrides: {
    folioRemoveRmapPtes(stats, folio, page, nrPages, mm) {
      const before = folio.nrPagesMapped;
      rmap.folioRemoveRmapPtes.call(this, stats, folio, page, nrPages, mm);
      this.folioModStat(stats, folio, before - folio.nrPagesMapped - nrPages, 0);
    },
  },
  against: "v7.1",
  property: "EQ.statistics",
  calls: [
    call("anonFault", { mm: 0, first: 0, pages: 4 }),
    call("fork", { parent: 0, child: 1 }),
    call("unmap", { mm: 1, vma: 0, first: 2, count: 2 }),
  ],
});
