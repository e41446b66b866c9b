/**
 * MM owner tracking: the large mapcount and the two owner slots.
 *
 * All of it changes under the folio's large-mapcount lock (`folio_lock_large_mapcount()`), except when it is set, for a
 * folio that no other CPU can see yet. The counters are loaded and stored: no other CPU stores to them meanwhile.
 *
 * @source include/linux/rmap.h; series v3 12/20 (6af8cb80d3a9)
 */
import { at } from "../../explore/model/schema.ts";
import { type MappedPages, MM_ID_DUMMY, type MmIdSlot, type MmStruct, type TrackedFolio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { Warning } from "./warnings.ts";

/**
 * The conditions that the kernel warns of before it touches the counters.
 *
 * @param diff number of mappings to add or remove
 * @param mm the MM they belong to
 * @source include/linux/rmap.h, __folio_large_mapcount_sanity_checks()
 */
export function folioLargeMapcountSanityChecks(this: Kernel, folio: TrackedFolio, diff: number, mm: MmStruct): void {
  this.vmWarnOn(!this.folioTestLarge(folio), Warning.notLarge);
  this.vmWarnOn(diff <= 0, Warning.diffNotPositive);
  this.vmWarnOn(!mm.hasId, Warning.mmIdOutOfRange);
  this.vmWarnOn(diff > folio.nrPages, Warning.diffAboveNrPages);
  this.vmWarnOn(folio.nrPages - 1 > this.config.mmIdMapcountMax, Warning.folioAboveMapcountMax);
  this.mmIdSlotSanityChecks(at(folio.slots, 0));
  this.mmIdSlotSanityChecks(at(folio.slots, 1));
  this.vmWarnOn(folio.largeMapcount < 0 && folio.mmIdsShared, Warning.unmappedButShared);
}

/** The checks of one slot. The kernel has them in line, once for each slot. */
export function mmIdSlotSanityChecks(this: Kernel, slot: MmIdSlot): void {
  this.vmWarnOn(slot.mmId === MM_ID_DUMMY && slot.mapcount !== -1, Warning.freeSlotCounts);
  this.vmWarnOn(slot.mmId !== MM_ID_DUMMY && slot.mapcount < 0, Warning.takenSlotEmpty);
}

/**
 * Sets the large mapcount of a new folio that nobody else can see, and tracks its MM in slot 0.
 *
 * @param mapcount number of mappings, 1 … pages of the folio
 * @source include/linux/rmap.h, folio_set_large_mapcount()
 */
export function folioSetLargeMapcount(this: Kernel, folio: TrackedFolio, mapcount: number, mm: MmStruct): void {
  const slot0 = at(folio.slots, 0);
  this.folioLargeMapcountSanityChecks(folio, mapcount, mm);
  this.vmWarnOn(slot0.mmId !== MM_ID_DUMMY, Warning.newFolioTracked);
  this.vmWarnOn(at(folio.slots, 1).mmId !== MM_ID_DUMMY, Warning.newFolioTracked);
  folio.largeMapcount = mapcount - 1;
  this.setMmIdSlot(slot0, mapcount, mm.idNumber);
}

/**
 * Adds `diff` mappings of `mm` to a large folio and updates the owner slots.
 *
 * @param diff mappings to add, 1 … pages of the folio
 * @param nrPages pages that they map, where the kernel counts those
 * @param mapped gets the new total of mapped pages, where the kernel counts them
 * @returns the new logical mapcount (stored value + 1)
 * @source include/linux/rmap.h, folio_add_return_large_mapcount()
 */
export function folioAddReturnLargeMapcount(
  this: Kernel,
  folio: TrackedFolio,
  diff: number,
  mm: MmStruct,
  nrPages = 0,
  mapped?: MappedPages,
): number {
  const mmId = mm.idNumber;
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  this.folioLockLargeMapcount(folio);
  this.folioLargeMapcountSanityChecks(folio, diff, mm);
  const newMapcountVal = folio.largeMapcount + diff;
  folio.largeMapcount = newMapcountVal;
  this.addMappedPages(folio, nrPages, mapped);
  if (slot0.mmId === mmId) {
    this.addToMmIdSlot(folio, slot0, diff);
  } else if (slot1.mmId === mmId) {
    this.addToMmIdSlot(folio, slot1, diff);
  } else if (slot0.mmId === MM_ID_DUMMY) {
    this.takeMmIdSlot(slot0, diff, mmId);
    // Others may map the folio already: untracked, or tracked in slot 1.
    if (newMapcountVal !== diff - 1) {
      folio.mmIdsShared = true;
    }
  } else if (slot1.mmId === MM_ID_DUMMY) {
    this.takeMmIdSlot(slot1, diff, mmId);
    // The MM in slot 0 certainly maps it too.
    folio.mmIdsShared = true;
  }
  this.folioUnlockLargeMapcount(folio);
  return newMapcountVal + 1;
}

/**
 * Removes `diff` mappings of `mm` from a large folio and updates the owner slots.
 *
 * @param diff mappings to remove, 1 … pages of the folio
 * @param nrPages pages that they map, where the kernel counts those
 * @param mapped gets the new total of mapped pages, where the kernel counts them
 * @returns the new logical mapcount (stored value + 1)
 * @source include/linux/rmap.h, folio_sub_return_large_mapcount()
 */
export function folioSubReturnLargeMapcount(
  this: Kernel,
  folio: TrackedFolio,
  diff: number,
  mm: MmStruct,
  nrPages = 0,
  mapped?: MappedPages,
): number {
  const mmId = mm.idNumber;
  const slot0 = at(folio.slots, 0);
  const slot1 = at(folio.slots, 1);
  this.folioLockLargeMapcount(folio);
  this.folioLargeMapcountSanityChecks(folio, diff, mm);
  const newMapcountVal = folio.largeMapcount - diff;
  folio.largeMapcount = newMapcountVal;
  this.addMappedPages(folio, -nrPages, mapped);
  let tracked = false;
  if (slot0.mmId === mmId) {
    tracked = this.subFromMmIdSlot(slot0, diff);
  } else if (slot1.mmId === mmId) {
    tracked = this.subFromMmIdSlot(slot1, diff);
  }
  // One slot owns all mappings, or none are left: then both slots hold -1, and so does the large mapcount.
  if (!tracked && (slot0.mapcount === newMapcountVal || slot1.mapcount === newMapcountVal)) {
    folio.mmIdsShared = false;
  }
  this.folioUnlockLargeMapcount(folio);
  return newMapcountVal + 1;
}

/** Counts the pages that mappings map, under the large-mapcount lock: not before the RFC of 2026-04-12. */
export function addMappedPages(this: Kernel, _folio: TrackedFolio, _nrPages: number, _mapped?: MappedPages): void {}

/** Gives a slot of a new folio to its MM: the mapcount first, unlike takeMmIdSlot(). In line in the kernel. */
export function setMmIdSlot(this: Kernel, slot: MmIdSlot, mapcount: number, mmId: number): void {
  slot.mapcount = mapcount - 1;
  slot.mmId = mmId;
}

/** Gives a free slot to an MM, with its first `diff` tracked mappings. In line in the kernel. */
export function takeMmIdSlot(this: Kernel, slot: MmIdSlot, diff: number, mmId: number): void {
  slot.mmId = mmId;
  slot.mapcount = diff - 1;
}

/**
 * Adds mappings to the slot of their MM. In line in the kernel. On 32-bit the slot mapcount is a short: one that
 * overflows turns negative, the slot is freed and the folio marked as shared. The negative value, which the kernel stores
 * for a moment under the lock, is not stored here.
 */
export function addToMmIdSlot(this: Kernel, folio: TrackedFolio, slot: MmIdSlot, diff: number): void {
  const mapcount = slot.mapcount + diff;
  if (!this.config.is64Bit && mapcount > this.config.mmIdMapcountMax) {
    this.freeMmIdSlot(slot);
    folio.mmIdsShared = true;
    return;
  }
  slot.mapcount = mapcount;
}

/**
 * Removes mappings from the slot of their MM. In line in the kernel. The slot is freed when no tracked mappings are
 * left, or fewer than none: mappings that were added while no slot was free are removed from a slot all the same.
 *
 * @returns whether the slot still tracks the MM
 */
export function subFromMmIdSlot(this: Kernel, slot: MmIdSlot, diff: number): boolean {
  slot.mapcount -= diff;
  if (slot.mapcount >= 0) {
    return true;
  }
  this.freeMmIdSlot(slot);
  return false;
}

/** Frees a slot. In line in the kernel. */
export function freeMmIdSlot(this: Kernel, slot: MmIdSlot): void {
  slot.mapcount = -1;
  slot.mmId = MM_ID_DUMMY;
}
