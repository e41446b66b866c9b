/**
 * Migration of an anon folio to another one. `walk` has the positions of the MMs in the order of rmap walks.
 *
 * @source mm/migrate.c
 */
import { at } from "../../explore/model/schema.ts";
import type { Folio, KernelState } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Locks the folio and unmaps it. If a mapping remains, undoes both.
 *
 * @returns whether the folio is unmapped and locked, with a reference for the caller
 * @source mm/migrate.c, migrate_folio_unmap(), migrate_folio_undo_src()
 */
export function migrateFolioUnmap(this: Kernel, state: KernelState, folio: Folio, walk: readonly number[]): boolean {
  this.folioRefAdd(folio, 1);
  this.folioLock(folio);
  this.tryToMigrate(state, folio, false, walk);
  if (this.folioMapcount(folio) === 0) {
    return true;
  }
  this.migrateFolioUndo(state, folio, walk);
  return false;
}

/** Restores the mappings of the folio and unlocks it. @source mm/migrate.c, migrate_folio_undo_src() */
export function migrateFolioUndo(this: Kernel, state: KernelState, folio: Folio, walk: readonly number[]): void {
  this.removeMigrationPtes(state, folio, folio, walk);
  this.folioUnlock(folio);
  this.folioPutRefs(folio, 1);
}

/**
 * Moves an unmapped folio to a new one of the same size, and maps the new one where the old one was mapped.
 *
 * @param dst a fresh folio with one reference
 * @returns false (-EAGAIN) if there are other references to the old folio
 * @source mm/migrate.c, migrate_folio_move()
 */
export function migrateFolioMove(
  this: Kernel,
  state: KernelState,
  src: Folio,
  dst: Folio,
  walk: readonly number[],
): boolean {
  if (!this.moveToNewFolio(state, dst, src)) {
    return false;
  }
  this.removeMigrationPtes(state, src, dst, walk);
  this.folioPutRefs(dst, 1);
  this.folioUnlock(src);
  this.folioPutRefs(src, 1);
  return true;
}

/**
 * Replaces an unmapped folio by a new one: copies its contents, and replaces it in the swap cache.
 *
 * @returns false (-EAGAIN) if there are other references to the old folio
 * @source mm/migrate.c, move_to_new_folio(), __migrate_folio(), __folio_migrate_mapping(), folio_migrate_flags()
 */
export function moveToNewFolio(this: Kernel, state: KernelState, dst: Folio, src: Folio): boolean {
  const expected = this.folioExpectedRefCount(src) + 1;
  if (src.refcount !== expected) {
    return false;
  }
  if (this.folioTestLarge(src) || src.swapcache) {
    // No reference can be taken while the folio leaves the queue. In the kernel neither while it leaves the swap cache.
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
  // A first page that is not mapped may still be exclusive. The flag of the head page is copied as PG_mappedtodisk.
  if (at(src.pages, 0).anonExclusive) {
    at(dst.pages, 0).anonExclusive = true;
  }
  if (src.swapcache) {
    const { swap } = src;
    this.swapCacheDelFolio(state, src);
    this.swapCacheAddFolio(state, dst, swap);
  }
  return true;
}
