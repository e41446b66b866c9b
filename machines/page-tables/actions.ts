/**
 * Actions of the machines with page tables, in groups. Whole operations are atomic; concurrency is not modelled.
 */
import { type Action, action } from "../../explore/model/model.ts";
import { anonFault, fileFault } from "../../model/environment/fault.ts";
import { dmaWrite, gup, put, tryGet } from "../../model/environment/holders.ts";
import { migrateMove, migrateUndo, migrateUnmap } from "../../model/environment/migration.ts";
import { readFile, reclaim } from "../../model/environment/page-cache.ts";
import { exit, fork, newMm } from "../../model/environment/process.ts";
import { shmemSwapIn, shmemWriteout, storeShared, tryToUnmapFile } from "../../model/environment/shmem.ts";
import { shrinkDeferred, split } from "../../model/environment/split.ts";
import { addToSwap, freeSwap, swapIn, swapOut, tryToUnmap } from "../../model/environment/swap.ts";
import { walks } from "../../model/environment/walk.ts";
import { store, writeFault } from "../../model/environment/write.ts";
import { mremap, unmap } from "../../model/environment/zap.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { HolderKind, type World } from "../../model/state/world.ts";
import type { WorldBounds } from "../../model/state/world-schema.ts";

/** Action of a machine with page tables. */
export type WorldAction = Action<World, Kernel>;

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Creation, fork and exit of MMs. */
export function life({ mms }: WorldBounds): WorldAction[] {
  const mm = upTo(mms);
  return [
    action("newMm", { mm }, newMm),
    ...(mms > 1
      ? [action("fork", { parent: mm, child: mm }, fork, { where: ({ parent, child }) => parent !== child })]
      : []),
    action("exit", { mm }, exit),
  ];
}

/** Unmapping of ranges of VMAs. */
export function unmapping({ mms, pages, anon, file }: WorldBounds): WorldAction[] {
  const first = upTo(pages);
  return [
    action("unmap", { mm: upTo(mms), vma: upTo(anon + file), first, count: first.map((i) => i + 1) }, unmap, {
      where: (p) => p.first + p.count <= pages,
    }),
  ];
}

/** Returns the folio sizes within bounds. */
function folioSizes({ pages, minPages }: WorldBounds): number[] {
  return [1, 2, 4, 8].filter((nr) => nr >= minPages && nr <= pages);
}

export function anonFaults(bounds: WorldBounds): WorldAction[] {
  const first = upTo(bounds.pages);
  return [
    action("anonFault", { mm: upTo(bounds.mms), first, pages: folioSizes(bounds) }, anonFault, {
      where: (p) => p.first % p.pages === 0,
    }),
  ];
}

/** Reads, mappings and reclaim of the file. */
export function fileFaults(bounds: WorldBounds): WorldAction[] {
  return [...fileMappings(bounds), action("reclaim", { folio: upTo(bounds.folios) }, reclaim)];
}

function fileMappings(bounds: WorldBounds): WorldAction[] {
  const { pages, anon, file } = bounds;
  const first = upTo(pages);
  return [
    action("readFile", { index: first, pages: folioSizes(bounds) }, readFile, {
      where: (p) => p.index % p.pages === 0,
    }),
    action(
      "fileFault",
      { mm: upTo(bounds.mms), vma: upTo(anon + file).slice(anon), first, count: first.map((i) => i + 1) },
      fileFault,
      { where: (p) => p.first + p.count <= pages },
    ),
  ];
}

/** Reads, mappings, writes, swap-out and swap-in of a file backed by shmem. */
export function shmemFile(bounds: WorldBounds): WorldAction[] {
  const { pages, mms, anon, file } = bounds;
  const folio = upTo(bounds.folios + bounds.smallFolios);
  const vma = upTo(anon + file).slice(anon);
  const index = upTo(pages);
  return [
    ...fileMappings(bounds),
    action("storeShared", { mm: upTo(mms), vma, entry: index, value: [0, 1] }, storeShared),
    action("tryToUnmapFile", { folio, mm: upTo(mms) }, tryToUnmapFile),
    action("shmemWriteout", { folio }, shmemWriteout),
    action("swapOut", { folio }, swapOut),
    action("shmemSwapIn", { index }, shmemSwapIn),
  ];
}

/** Writes, with their faults. Only fork makes entries read-only: without fork there are no write faults. */
export function writes({ mms, pages }: WorldBounds): WorldAction[] {
  const mm = upTo(mms);
  const entry = upTo(pages);
  return [
    ...(mms > 1 ? [action("writeFault", { mm, entry }, writeFault)] : []),
    action("store", { mm, entry, value: [0, 1] }, store),
  ];
}

/** Moves of single pages inside an MM; moving several pages is equivalent to moving them one by one. */
export function moves({ mms, pages }: WorldBounds): WorldAction[] {
  const entry = upTo(pages);
  return [
    action("mremap", { mm: upTo(mms), from: entry, to: entry }, mremap, { where: ({ from, to }) => from !== to }),
  ];
}

/** References other than those of mappings and caches. */
export function references({ holders, folios, smallFolios }: WorldBounds): WorldAction[] {
  if (holders === 0) {
    return [];
  }
  return [
    action("tryGet", { folio: upTo(folios + smallFolios) }, tryGet),
    action("put", { holder: upTo(holders) }, put),
  ];
}

/** GUP, and writes of holders. */
export function gupPins({ mms, pages, holders }: WorldBounds): WorldAction[] {
  if (holders === 0) {
    return [];
  }
  const kind = [HolderKind.get, HolderKind.pin, HolderKind.pinWrite];
  return [
    action("gup", { mm: upTo(mms), entry: upTo(pages), kind }, gup),
    action("put", { holder: upTo(holders) }, put),
    action("dmaWrite", { holder: upTo(holders), value: [0, 1] }, dmaWrite),
  ];
}

export function swapping(bounds: WorldBounds): WorldAction[] {
  const folio = upTo(bounds.folios + bounds.smallFolios);
  const mm = upTo(bounds.mms);
  return [
    action("addToSwap", { folio }, addToSwap),
    action("tryToUnmap", { folio, mm }, tryToUnmap),
    action("swapOut", { folio }, swapOut),
    action("swapIn", { mm, entry: upTo(bounds.pages), write: [false, true] }, swapIn),
    action("freeSwap", { folio }, freeSwap),
  ];
}

export function migrations({ folios, smallFolios, mms }: WorldBounds): WorldAction[] {
  const folio = upTo(folios + smallFolios);
  const walk = walks(mms);
  return [
    action("migrateUnmap", { folio, walk }, migrateUnmap),
    action("migrateMove", { folio, walk }, migrateMove),
    action("migrateUndo", { folio, walk }, migrateUndo),
  ];
}

/** Splits of folios. Folios of order 1 are never queued. */
export function splits({ folios, mms, pages }: WorldBounds): WorldAction[] {
  const walk = walks(mms);
  return [
    action("split", { folio: upTo(folios), walk }, split),
    ...(pages > 2 ? [action("shrinkDeferred", { walk }, shrinkDeferred)] : []),
  ];
}
