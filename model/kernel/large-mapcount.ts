/**
 * MM owner tracking: the large mapcount and the two owner slots.
 *
 * All fields change under the folio's large-mapcount lock (`folio_lock_large_mapcount()`), except when they are set for
 * a new folio, to which no other CPU has access yet. Updates are plain loads and stores: the lock excludes concurrent
 * stores.
 *
 * @source include/linux/rmap.h; series v3 12/20 (6af8cb80d3a9)
 */
import { at } from "../../explore/model/schema.ts";
import { type MappedPages, MM_ID_DUMMY, type MmIdSlot, type MmStruct, type TrackedFolio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { Warning } from "./warnings.ts";

/**
 * Checks the conditions that the kernel warns about before it updates the counters.
 *
 * @param diff number of mappings to add or remove
 * @param mm the MM that they belong to
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

/** Checks one slot. Inline in the kernel, once for each slot. */
export function mmIdSlotSanityChecks(this: Kernel, slot: MmIdSlot): void {
  this.vmWarnOn(slot.mmId === MM_ID_DUMMY && slot.mapcount !== -1, Warning.freeSlotCounts);
  this.vmWarnOn(slot.mmId !== MM_ID_DUMMY && slot.mapcount < 0, Warning.takenSlotEmpty);
}

/**
 * Sets the large mapcount of a new folio, to which no other CPU has access yet, and tracks its MM in slot 0.
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
 * @param nrPages number of pages that they map, if the kernel counts mapped pages
 * @param mapped receives the new total of mapped pages, if the kernel counts them
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
    // Another MM may map the folio already: untracked, or tracked in slot 1.
    if (newMapcountVal !== diff - 1) {
      folio.mmIdsShared = true;
    }
  } else if (slot1.mmId === MM_ID_DUMMY) {
    this.takeMmIdSlot(slot1, diff, mmId);
    // The MM in slot 0 certainly maps the folio, too.
    folio.mmIdsShared = true;
  }
  this.folioUnlockLargeMapcount(folio);
  return newMapcountVal + 1;
}

/**
 * Removes `diff` mappings of `mm` from a large folio and updates the owner slots.
 *
 * @param diff mappings to remove, 1 … pages of the folio
 * @param nrPages number of pages that they map, if the kernel counts mapped pages
 * @param mapped receives the new total of mapped pages, if the kernel counts them
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
  // One slot counts all mappings, or no mapping is left: then both slots and the large mapcount store -1.
  if (!tracked && (slot0.mapcount === newMapcountVal || slot1.mapcount === newMapcountVal)) {
    folio.mmIdsShared = false;
  }
  this.folioUnlockLargeMapcount(folio);
  return newMapcountVal + 1;
}

/** Counts mapped pages under the large-mapcount lock. Empty before the RFC of 2026-04-12. */
export function addMappedPages(this: Kernel, _folio: TrackedFolio, _nrPages: number, _mapped?: MappedPages): void {}

/** Assigns a slot of a new folio to its MM. Stores the mapcount first, unlike takeMmIdSlot(). Inline in the kernel. */
export function setMmIdSlot(this: Kernel, slot: MmIdSlot, mapcount: number, mmId: number): void {
  slot.mapcount = mapcount - 1;
  slot.mmId = mmId;
}

/** Assigns a free slot to an MM, with its first `diff` tracked mappings. Inline in the kernel. */
export function takeMmIdSlot(this: Kernel, slot: MmIdSlot, diff: number, mmId: number): void {
  slot.mmId = mmId;
  slot.mapcount = diff - 1;
}

/**
 * Adds mappings to the slot of their MM. Inline in the kernel. On 32-bit the slot mapcount is a short: if it overflows,
 * it becomes negative, the slot is freed and the folio marked as shared. The kernel stores the negative value
 * temporarily under the lock, the model does not.
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
 * Removes mappings from the slot of their MM. Inline in the kernel. The slot is freed if its logical mapcount becomes
 * zero or negative: negative because mappings that were added while no slot was free are subtracted, too.
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

/** Frees a slot. Inline in the kernel. */
export function freeMmIdSlot(this: Kernel, slot: MmIdSlot): void {
  slot.mapcount = -1;
  slot.mmId = MM_ID_DUMMY;
}
