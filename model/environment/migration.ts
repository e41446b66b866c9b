/**
 * Migration of anon folios. Other operations can run between its steps and meet migration entries.
 *
 * @source mm/migrate.c
 */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Warning } from "../kernel/warnings.ts";
import type { World } from "../state/world.ts";
import { isHeld } from "./claims.ts";
import { isMapped, updateHistoryAfterMapping, updateHistoryAfterUnmapping } from "./history.ts";
import { assertProgress, isMovable } from "./progress.ts";
import { isRepresentative, walkNamed } from "./walk.ts";

/**
 * Replaces all mappings of a folio by migration entries; if one cannot be replaced (a pin), restores all.
 *
 * The kernel splits a partially mapped folio that is queued first, and migrates it whole only if the split fails:
 * because of a temporary reference, or (asynchronously) because the folio is locked.
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
  if (!isRepresentative(world, folio, walk)) {
    return false;
  }
  const movable = isMovable(world, folio);
  kernel.migrateFolioUnmap(world, folio, walk);
  assertProgress(kernel, Warning.notUnmappedForMigration, movable, !isMapped(world, folio.frameNumber));
  updateHistoryAfterUnmapping(world, kernel);
  return true;
}

/**
 * Moves a folio whose mappings are migration entries to a new folio; restores the mappings if there are other
 * references.
 */
export function migrateMove(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly walk: string },
): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.locked || kernel.folioFree(world, folio.nrPages) === undefined || !isRepresentative(world, folio, walk)) {
    return false;
  }
  const movable = !isHeld(world, folio);
  const target = kernel.folioAlloc(world, folio.nrPages);
  if (!kernel.migrateFolioMove(world, folio, target, walk)) {
    kernel.folioPutRefs(target, 1);
    kernel.migrateFolioUndo(world, folio, walk);
  }
  assertProgress(kernel, Warning.notMigrated, movable, !folio.allocated);
  updateHistoryAfterMapping(world, kernel);
  return true;
}

/** Aborts a migration for another reason: no memory, or a signal. */
export function migrateUndo(
  world: World,
  kernel: Kernel,
  p: { readonly folio: number; readonly walk: string },
): boolean {
  const folio = at(world.folios, p.folio);
  const walk = walkNamed(p.walk);
  if (!folio.locked || !isRepresentative(world, folio, walk)) {
    return false;
  }
  kernel.migrateFolioUndo(world, folio, walk);
  updateHistoryAfterMapping(world, kernel);
  return true;
}
