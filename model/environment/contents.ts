/**
 * What pages hold, as far as it takes to see that nobody sees another's private write.
 *
 * One write at a time is followed: what it wrote is content 1, everything else is content 0. A new write may become the
 * followed one; then all others are forgotten. This is exact: kernel functions copy contents and never look at them, so
 * a page that holds a wrong value at some time holds one in the execution that follows the write of the value that should
 * be there, or of the value that should not.
 *
 * Beside what pages really hold, each anon entry and each holder of a reference has what must be seen there by the rules
 * of private memory: what the process itself wrote last, or what it had when it was forked.
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio, Page } from "../state/structs.ts";
import type { World, WorldMm } from "../state/world.ts";

/** Writes to a page through the entry of an MM. Whoever holds the page through this entry must see it. */
export function storeThrough(
  world: World,
  mm: WorldMm,
  entry: number,
  folio: Folio,
  page: number,
  value: number,
): void {
  if (value === 1) {
    forgetFollowed(world);
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
 * Writes to a page through a pin. The process through whose entry it was taken must see it, as must other holders through
 * this entry; when that entry is gone, the other holders whose entries are gone, too.
 */
export function storeThroughPin(world: World, pin: number, value: number): void {
  const { folio: reference, page, mm, entry } = at(world.holders, pin);
  const folio = at(world.folios, reference - 1);
  if (value === 1) {
    forgetFollowed(world);
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

/** Writes to a page of the file, which processes share: every one must see it. @param index offset of the page in the file */
export function storeInFile(world: World, index: number, page: Page, value: number): void {
  if (value === 1) {
    forgetFollowed(world);
  }
  page.content = value;
  at(world.filePages, index).expected = value;
}

function isHeld(holder: { readonly folio: number; readonly page: number }, folio: Folio, page: number): boolean {
  return holder.folio === folio.frameNumber && holder.page === page;
}

/** What was followed is now like everything else. */
function forgetFollowed(world: World): void {
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
    expectOlder(at(world.mms, m), 0, Number.MAX_SAFE_INTEGER);
  }
  for (let h = 0; h < world.holders.length; h++) {
    at(world.holders, h).expected = 0;
  }
}

function expectOlder(mm: WorldMm, first: number, end: number): void {
  for (let v = 0; v < mm.vmas.length; v++) {
    const { ptes } = at(mm.vmas, v);
    for (let i = first; i < end && i < ptes.length; i++) {
      at(ptes, i).expected = 0;
    }
  }
}

/** The child must see what the parent sees. */
export function inheritContents(parent: WorldMm, child: WorldMm): void {
  for (let v = 0; v < parent.vmas.length; v++) {
    const { ptes } = at(parent.vmas, v);
    const inherited = at(child.vmas, v).ptes;
    for (let i = 0; i < ptes.length; i++) {
      at(inherited, i).expected = at(ptes, i).expected;
    }
  }
}

/** Entries of the anon VMA are gone, at the process's own wish. Holders keep what they see. */
export function loseContents(world: World, mm: WorldMm, first: number, end: number): void {
  expectOlder(mm, first, end);
  for (let h = 0; h < world.holders.length; h++) {
    const holder = at(world.holders, h);
    if (holder.mm === mm.idNumber && holder.entry >= first && holder.entry < end) {
      holder.mm = 0;
      holder.entry = 0;
    }
  }
}

/** An entry moved. */
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
