/**
 * Migration of an anon folio to another one. `walk` has the positions of the MMs in the order in which rmap walks come to
 * them.
 *
 * @source mm/migrate.c
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio, Machine } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Locks the folio and unmaps it. If a mapping stays, everything is put back.
 *
 * @returns whether the folio is unmapped and locked, with a reference of the caller
 * @source mm/migrate.c, migrate_folio_unmap(), migrate_folio_undo_src()
 */
export function migrateFolioUnmap(this: Kernel, machine: Machine, folio: Folio, walk: readonly number[]): boolean {
  this.folioRefAdd(folio, 1);
  this.folioLock(folio);
  this.tryToMigrate(machine, folio, false, walk);
  if (this.folioMapcount(folio) === 0) {
    return true;
  }
  this.migrateFolioUndo(machine, folio, walk);
  return false;
}

/** Maps the folio again where it was. @source mm/migrate.c, migrate_folio_undo_src() */
export function migrateFolioUndo(this: Kernel, machine: Machine, folio: Folio, walk: readonly number[]): void {
  this.removeMigrationPtes(machine, folio, folio, walk);
  this.folioUnlock(folio);
  this.folioPutRefs(folio, 1);
}

/**
 * Moves an unmapped folio to a new one of the same size, and maps that where the old one was.
 *
 * @param dst a fresh folio with one reference
 * @returns false (-EAGAIN) when there are other references to the old folio
 * @source mm/migrate.c, migrate_folio_move()
 */
export function migrateFolioMove(
  this: Kernel,
  machine: Machine,
  src: Folio,
  dst: Folio,
  walk: readonly number[],
): boolean {
  if (!this.moveToNewFolio(machine, dst, src)) {
    return false;
  }
  this.removeMigrationPtes(machine, src, dst, walk);
  this.folioPutRefs(dst, 1);
  this.folioUnlock(src);
  this.folioPutRefs(src, 1);
  return true;
}

/**
 * Puts a new folio into the place of an unmapped one: its contents, and its place in the swap cache.
 *
 * @returns false (-EAGAIN) when there are other references to the old folio
 * @source mm/migrate.c, move_to_new_folio(), __migrate_folio(), __folio_migrate_mapping(), folio_migrate_flags()
 */
export function moveToNewFolio(this: Kernel, machine: Machine, dst: Folio, src: Folio): boolean {
  const expected = this.folioExpectedRefCount(src) + 1;
  if (src.refcount !== expected) {
    return false;
  }
  if (this.folioTestLarge(src) || src.swapcache) {
    // Nobody gets a reference while the folio leaves the queue. In the kernel also not while it leaves the swap cache.
    if (!this.folioRefFreeze(src, expected)) {
      return false;
    }
    this.folioUnqueueDeferredSplit(src);
    this.folioRefUnfreeze(src, expected);
  }
  dst.anon = true;
  for (let i = 0; i < src.nrPages; i++) {
    at(dst.pages, i).content = at(src.pages, i).content;
  }
  // A first page that is not mapped may still be exclusive. Of the head page the flag is copied as PG_mappedtodisk.
  if (at(src.pages, 0).anonExclusive) {
    at(dst.pages, 0).anonExclusive = true;
  }
  if (src.swapcache) {
    const { swap } = src;
    this.swapCacheDelFolio(machine, src);
    this.swapCacheAddFolio(machine, dst, swap);
  }
  return true;
}
