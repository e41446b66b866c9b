/**
 * Comparison of the observable state of two kernels: mappings and contents of processes, /proc, statistics, and results
 * of folio queries outside the reverse mapping. Counters that only the reverse mapping reads are not observable. Plain
 * loops: this is the hot path.
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Entry, GUP_PIN_COUNTING_BIAS, type NodeStats, type Pte, type Vma } from "../state/structs.ts";
import type { World, WorldFolio, WorldMm } from "../state/world.ts";
import type { PageTableTruth, View, WorldView } from "./view.ts";

/** Compares mapcounts and shared verdicts of folios, which kernel policies use. */
export function sameSharing(one: View, other: View): boolean {
  for (let f = 0; f < one.folios.length; f++) {
    const a = at(one.folios, f).folio;
    const b = at(other.folios, f).folio;
    if (
      one.kernel.folioMapcount(a) !== other.kernel.folioMapcount(b) ||
      one.kernel.folioMaybeMappedShared(a) !== other.kernel.folioMaybeMappedShared(b)
    ) {
      return false;
    }
  }
  return true;
}

/** Compares mappings and contents of processes, the swap area and the page cache. */
export function sameMemory(one: World, other: World): boolean {
  for (let m = 0; m < one.mms.length; m++) {
    if (!sameMm(at(one.mms, m), at(other.mms, m))) {
      return false;
    }
  }
  for (let f = 0; f < one.folios.length; f++) {
    if (!sameFolio(at(one.folios, f), at(other.folios, f))) {
      return false;
    }
  }
  for (let s = 0; s < one.swapSlots.length; s++) {
    const a = at(one.swapSlots, s);
    const b = at(other.swapSlots, s);
    if (a.count !== b.count || a.folio !== b.folio || a.content !== b.content) {
      return false;
    }
  }
  for (let i = 0; i < one.filePages.length; i++) {
    if (at(one.filePages, i).swap !== at(other.filePages, i).swap) {
      return false;
    }
  }
  return true;
}

function sameMm(one: WorldMm, other: WorldMm): boolean {
  if (one.live !== other.live || one.hasId !== other.hasId || one.hasPinned !== other.hasPinned) {
    return false;
  }
  for (let v = 0; v < one.vmas.length; v++) {
    if (!sameVma(at(one.vmas, v), at(other.vmas, v))) {
      return false;
    }
  }
  return true;
}

function sameVma(one: Vma, other: Vma): boolean {
  if (!sameEntry(one.pmd, other.pmd)) {
    return false;
  }
  for (let i = 0; i < one.ptes.length; i++) {
    if (!samePte(at(one.ptes, i), at(other.ptes, i))) {
      return false;
    }
  }
  return true;
}

function sameEntry(one: Entry, other: Entry): boolean {
  return (
    one.folio === other.folio &&
    one.writable === other.writable &&
    one.migration === other.migration &&
    one.exclusive === other.exclusive
  );
}

function samePte(one: Pte, other: Pte): boolean {
  return sameEntry(one, other) && one.page === other.page && one.swap === other.swap;
}

function sameFolio(one: WorldFolio, other: WorldFolio): boolean {
  for (let i = 0; i < one.pages.length; i++) {
    const a = at(one.pages, i);
    const b = at(other.pages, i);
    if (a.content !== b.content || a.anonExclusive !== b.anonExclusive) {
      return false;
    }
  }
  return (
    one.allocated === other.allocated &&
    one.nrPages === other.nrPages &&
    one.anon === other.anon &&
    one.index === other.index &&
    one.inPageCache === other.inPageCache &&
    one.swapcache === other.swapcache &&
    one.swap === other.swap &&
    one.locked === other.locked
  );
}

/** Compares the /proc values of mapped pages: kpagecount, mapmax, PM_MMAP_EXCLUSIVE, USS and PSS. */
export function sameProc(one: WorldView, other: WorldView): boolean {
  for (let f = 0; f < one.folios.length; f++) {
    const a = at(one.folios, f);
    const b = at(other.folios, f);
    for (let page = 0; a.mappings > 0 && page < a.folio.nrPages; page++) {
      if (!sameProcOfPage(one.kernel, a, other.kernel, b, page)) {
        return false;
      }
    }
  }
  return true;
}

function sameProcOfPage(one: Kernel, a: PageTableTruth, other: Kernel, b: PageTableTruth, page: number): boolean {
  return (
    one.kpagecount(a.folio, page) === other.kpagecount(b.folio, page) &&
    one.numaMapsMapmax(a.folio, page) === other.numaMapsMapmax(b.folio, page) &&
    one.smapsPssDivisor(a.folio, page) === other.smapsPssDivisor(b.folio, page) &&
    one.smapsPrivate(a.folio, page) === other.smapsPrivate(b.folio, page) &&
    one.pagemapMmapExclusive(a.folio, page) === other.pagemapMmapExclusive(b.folio, page) &&
    one.pagemapPmdMmapExclusive(a.folio, page) === other.pagemapPmdMmapExclusive(b.folio, page)
  );
}

/** Compares the statistics of mapped pages. */
export function sameStatistics(one: NodeStats, other: NodeStats): boolean {
  return (
    one.nrAnonMapped === other.nrAnonMapped &&
    one.nrFileMapped === other.nrFileMapped &&
    one.nrAnonThps === other.nrAnonThps &&
    one.nrFilePmdmapped === other.nrFilePmdmapped
  );
}

/** Compares which folios are marked as partially mapped, and which are on the deferred split queue. */
export function sameDeferredSplits(one: World, other: World): boolean {
  for (let f = 0; f < one.folios.length; f++) {
    const a = at(one.folios, f);
    const b = at(other.folios, f);
    if (a.partiallyMapped !== b.partiallyMapped || a.onDeferredList !== b.onDeferredList) {
      return false;
    }
  }
  return true;
}

/**
 * Compares references, and whether folios are taken for pinned. A pin counts as one reference, independent of the
 * kernel's count.
 */
export function sameReferences(one: WorldView, other: WorldView): boolean {
  for (let f = 0; f < one.folios.length; f++) {
    const a = at(one.folios, f);
    const b = at(other.folios, f);
    if (
      referencesTo(a, one.kernel) !== referencesTo(b, other.kernel) ||
      one.kernel.folioExpectedRefCount(a.folio) !== other.kernel.folioExpectedRefCount(b.folio) ||
      one.kernel.folioMaybeDmaPinned(a.folio) !== other.kernel.folioMaybeDmaPinned(b.folio)
    ) {
      return false;
    }
  }
  return true;
}

function referencesTo({ folio, heldPins }: PageTableTruth, kernel: Kernel): number {
  return kernel.folioHasPincount(folio) ? folio.refcount : folio.refcount - heldPins * (GUP_PIN_COUNTING_BIAS - 1);
}
