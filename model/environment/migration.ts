/** Migration of anon folios. While it is under way, other operations see migration entries. @source mm/migrate.c */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import type { World } from "../state/world.ts";
import { isHeld } from "./claims.ts";
import { isMapped, rememberAfterMapping, rememberAfterUnmapping } from "./history.ts";
import { assertProgress, isMovable } from "./progress.ts";
import { isUseful, walkNamed } from "./walk.ts";

/**
 * Replaces all mappings of a folio by migration entries; if one stays (a pin), all are put back.
 *
 * A partially mapped folio that is queued is split first, and migrated whole only when that fails: because of a reference
 * that is gone a moment later, or (asynchronously) because somebody else has the folio locked.
 *
 * @source mm/migrate.c, migrate_pages_batch(), try_split_folio()
 */
export function migrateUnmap(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly walk: string },
): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.allocated || !folio.anon || folio.locked || kernel.folioMapcount(folio) === 0) {
    return false;
  }
  if (!isUseful(world, folio, walk)) {
    return false;
  }
  const movable = isMovable(world, folio);
  kernel.migrateFolioUnmap(world, folio, walk);
  assertProgress(kernel, Warning.notUnmappedForMigration, movable, !isMapped(world, folio.frameNumber));
  rememberAfterUnmapping(world, kernel);
  return true;
}

/** Moves a folio whose mappings are migration entries to a new folio; if somebody else refers to it, puts all back. */
export function migrateMove(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly walk: string },
): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.locked || kernel.folioFree(world, folio.nrPages) === undefined || !isUseful(world, folio, walk)) {
    return false;
  }
  const movable = !isHeld(world, folio);
  const target = kernel.folioAlloc(world, folio.nrPages);
  if (!kernel.migrateFolioMove(world, folio, target, walk)) {
    kernel.folioPutRefs(target, 1);
    kernel.migrateFolioUndo(world, folio, walk);
  }
  assertProgress(kernel, Warning.notMigrated, movable, !folio.allocated);
  rememberAfterMapping(world, kernel);
  return true;
}

/** Gives up on a migration for another reason: no memory, or a signal. */
export function migrateUndo(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly walk: string },
): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.locked || !isUseful(world, folio, walk)) {
    return false;
  }
  kernel.migrateFolioUndo(world, folio, walk);
  rememberAfterMapping(world, kernel);
  return true;
}
