/**
 * Contents of pages, to check that no process reads another's private write.
 *
 * One write at a time is tracked: its value is content 1, every other value is content 0. A new write may become the
 * tracked one; all contents become 0 then. This is exact by data independence (Wolper): kernel functions copy contents
 * and never branch on them, so if a page has a wrong value in some execution, it also has one in the execution that
 * tracks the write of the right value, or of the wrong one.
 *
 * In addition to the actual contents, each anon entry and each holder of a reference has the content that must be read
 * there by the rules of private memory: the last write of the process itself, or the content inherited by fork.
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio, Page } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";

/**
 * Writes to a page through the entry of an MM. Holders that took their reference through this entry must read the
 * value.
 */
export function storeThrough(
  world: World,
  mm: WorldMm,
  entry: number,
  folio: Folio,
  page: number,
  value: number,
): void {
  if (value === 1) {
    resetTrackedWrite(world);
  }
  at(folio.pages, page).content = value;
  at(at(mm.vmas, 0).ptes, entry).expected = value;
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.mm === mm.idNumber && holder.entry === entry && isHeld(holder, folio, page)) {
      holder.expected = value;
    }
  }
}

/**
 * Writes to a page through a pin. The process through whose entry the pin was taken must read the value, and so must
 * other holders through this entry; if the entry is gone, the other holders without entry.
 */
export function storeThroughPin(world: World, pin: number, value: number): void {
  const { folio: reference, page, mm, entry } = at(world.holders, pin);
  const folio = at(world.folios, reference - 1);
  if (value === 1) {
    resetTrackedWrite(world);
  }
  at(folio.pages, page).content = value;
  if (mm !== 0) {
    at(at(at(world.mms, mm - 1).vmas, 0).ptes, entry).expected = value;
  }
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.mm === mm && holder.entry === entry && isHeld(holder, folio, page)) {
      holder.expected = value;
    }
  }
}

/**
 * Writes to a page of the file, which is shared: every process must read the value.
 *
 * @param index offset of the page in the file
 */
export function storeInFile(world: World, index: number, page: Page, value: number): void {
  if (value === 1) {
    resetTrackedWrite(world);
  }
  page.content = value;
  at(world.filePages, index).expected = value;
}

function isHeld(holder: { readonly folio: number; readonly page: number }, folio: Folio, page: number): boolean {
  return holder.folio === folio.frameNumber && holder.page === page;
}

/** Resets all contents to 0, before another write becomes the tracked one. */
function resetTrackedWrite(world: World): void {
  for (let f = 0; f < world.folios.length; f++) {
    const { pages } = at(world.folios, f);
    for (let i = 0; i < pages.length; i++) {
      at(pages, i).content = 0;
    }
  }
  for (let s = 0; s < world.swapSlots.length; s++) {
    at(world.swapSlots, s).content = 0;
  }
  for (let i = 0; i < world.filePages.length; i++) {
    at(world.filePages, i).expected = 0;
  }
  for (let m = 0; m < world.mms.length; m++) {
    resetExpected(at(world.mms, m), 0, Number.MAX_SAFE_INTEGER);
  }
  for (let h = 0; h < world.holders.length; h++) {
    at(world.holders, h).expected = 0;
  }
}

function resetExpected(mm: WorldMm, first: number, end: number): void {
  for (let v = 0; v < mm.vmas.length; v++) {
    const { ptes } = at(mm.vmas, v);
    for (let i = first; i < end && i < ptes.length; i++) {
      at(ptes, i).expected = 0;
    }
  }
}

/** Copies the expected contents of the parent to the child. */
export function inheritContents(parent: WorldMm, child: WorldMm): void {
  for (let v = 0; v < parent.vmas.length; v++) {
    const { ptes } = at(parent.vmas, v);
    const inherited = at(child.vmas, v).ptes;
    for (let i = 0; i < ptes.length; i++) {
      at(inherited, i).expected = at(ptes, i).expected;
    }
  }
}

/** Resets the expected contents of unmapped entries of the anon VMA. Holders still expect theirs. */
export function discardContents(world: World, mm: WorldMm, first: number, end: number): void {
  resetExpected(mm, first, end);
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.mm === mm.idNumber && holder.entry >= first && holder.entry < end) {
      holder.mm = 0;
      holder.entry = 0;
    }
  }
}

/** Moves the expected content of an entry, and its holders. */
export function moveContents(world: World, mm: WorldMm, from: number, to: number): void {
  const { ptes } = at(mm.vmas, 0);
  at(ptes, to).expected = at(ptes, from).expected;
  at(ptes, from).expected = 0;
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.mm === mm.idNumber && holder.entry === from) {
      holder.entry = to;
    }
  }
}
