/**
 * The machines with page tables. They share one state schema, one set of kernel functions and one set of actions; each
 * is a *scope* that enables some of the actions, so that it can be exhausted at useful bounds. Whole operations are
 * atomic; concurrency is not modelled.
 */
import { type Action, action, type Model, type Property } from "../explore/model/model.ts";
import { anonFault, fileFault, filePmdFault } from "../model/environment/fault.ts";
import { PageTableView } from "../model/environment/ground-truth.ts";
import { dmaWrite, gup, put, tryGet } from "../model/environment/holders.ts";
import { migrateMove, migrateUndo, migrateUnmap } from "../model/environment/migration.ts";
import { readFile, reclaim } from "../model/environment/page-cache.ts";
import { exit, fork, newMm } from "../model/environment/process.ts";
import { shmemSwapIn, shmemWriteout, storeShared, tryToUnmapFile } from "../model/environment/shmem.ts";
import { collapse, shrinkDeferred, split } from "../model/environment/split.ts";
import { addToSwap, freeSwap, swapIn, swapOut, tryToUnmap } from "../model/environment/swap.ts";
import type { WorldView } from "../model/environment/view.ts";
import { walks } from "../model/environment/walk.ts";
import { store, writeFault } from "../model/environment/write.ts";
import { mremap, unmap } from "../model/environment/zap.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../model/kernel/warnings.ts";
import { HolderKind, type World } from "../model/state/world.ts";
import { type Features, type WorldBounds, worldSchema } from "../model/state/world-schema.ts";

type WorldAction = Action<World, Kernel>;

/** Which actions a machine has, and what its states hold for them. */
export interface Scope {
  readonly name: string;
  readonly features: Omit<Features, "totalMappedPages">;
  readonly actions: (bounds: WorldBounds) => readonly WorldAction[];
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** MMs come and go. */
function life({ mms }: WorldBounds): WorldAction[] {
  const mm = upTo(mms);
  return [
    action("newMm", { mm }, newMm),
    ...(mms > 1
      ? [action("fork", { parent: mm, child: mm }, fork, { where: ({ parent, child }) => parent !== child })]
      : []),
    action("exit", { mm }, exit),
  ];
}

/** Ranges of VMAs are unmapped. */
function unmapping({ mms, pages, anon, file }: WorldBounds): WorldAction[] {
  const first = upTo(pages);
  return [
    action("unmap", { mm: upTo(mms), vma: upTo(anon + file), first, count: first.map((i) => i + 1) }, unmap, {
      where: (p) => p.first + p.count <= pages,
    }),
  ];
}

/** Folios of any size that bounds allow. */
function folioSizes({ pages, minPages }: WorldBounds): number[] {
  return [1, 2, 4, 8].filter((nr) => nr >= minPages && nr <= pages);
}

function anonFaults(bounds: WorldBounds): WorldAction[] {
  const first = upTo(bounds.pages);
  return [
    action("anonFault", { mm: upTo(bounds.mms), first, pages: folioSizes(bounds) }, anonFault, {
      where: (p) => p.first % p.pages === 0,
    }),
  ];
}

/** The file is read, mapped and reclaimed. */
function fileFaults(bounds: WorldBounds): WorldAction[] {
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

/** The file is read and mapped, written to, swapped out and in. */
function shmem(bounds: WorldBounds): WorldAction[] {
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

/** Writes, with their faults. Only fork makes entries read-only: without it there is nothing to fault on. */
function writes({ mms, pages }: WorldBounds): WorldAction[] {
  const mm = upTo(mms);
  const entry = upTo(pages);
  return [
    ...(mms > 1 ? [action("writeFault", { mm, entry }, writeFault)] : []),
    action("store", { mm, entry, value: [0, 1] }, store),
  ];
}

/** Pages move inside an MM, one at a time: moving several is moving one after the other. */
function moves({ mms, pages }: WorldBounds): WorldAction[] {
  const entry = upTo(pages);
  return [
    action("mremap", { mm: upTo(mms), from: entry, to: entry }, mremap, { where: ({ from, to }) => from !== to }),
  ];
}

/** References that are neither mappings nor caches. */
function references({ holders, folios, smallFolios }: WorldBounds): WorldAction[] {
  if (holders === 0) {
    return [];
  }
  return [
    action("tryGet", { folio: upTo(folios + smallFolios) }, tryGet),
    action("put", { holder: upTo(holders) }, put),
  ];
}

/** GUP: what a holder reads and writes. */
function pins({ mms, pages, holders }: WorldBounds): WorldAction[] {
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

function swapping(bounds: WorldBounds): WorldAction[] {
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

function migrations({ folios, smallFolios, mms }: WorldBounds): WorldAction[] {
  const folio = upTo(folios + smallFolios);
  const walk = walks(mms);
  return [
    action("migrateUnmap", { folio, walk }, migrateUnmap),
    action("migrateMove", { folio, walk }, migrateMove),
    action("migrateUndo", { folio, walk }, migrateUndo),
  ];
}

/** Folios are split. Those of order 1 are never queued for it. */
function splits({ folios, mms, pages }: WorldBounds): WorldAction[] {
  const walk = walks(mms);
  return [
    action("split", { folio: upTo(folios), walk }, split),
    ...(pages > 2 ? [action("shrinkDeferred", { walk }, shrinkDeferred)] : []),
  ];
}

const NOTHING = { contents: false, shmem: false, pins: false, migration: "none" } as const;

/** The scopes. */
export const SCOPES: readonly Scope[] = [
  {
    name: "rmap",
    features: NOTHING,
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...(bounds.anon > 0 ? anonFaults(bounds) : []),
      ...(bounds.file > 0 ? fileFaults(bounds) : []),
    ],
  },
  {
    name: "pmd",
    features: NOTHING,
    actions: (bounds) => {
      const { mms, anon, file } = bounds;
      const mm = upTo(mms);
      return [
        ...life(bounds),
        ...unmapping(bounds),
        ...(anon > 0
          ? [
              ...anonFaults(bounds),
              action("writeFault", { mm, entry: upTo(bounds.pages) }, writeFault),
              action("collapse", { mm, maxPtesShared: [0, bounds.pages] }, collapse),
            ]
          : []),
        ...(file > 0
          ? [...fileFaults(bounds), action("filePmdFault", { mm, vma: upTo(anon + file).slice(anon) }, filePmdFault)]
          : []),
        ...references(bounds),
      ];
    },
  },
  {
    name: "cow",
    features: { ...NOTHING, contents: true },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...references(bounds),
    ],
  },
  {
    name: "mremap",
    features: { ...NOTHING, contents: true },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...moves(bounds),
    ],
  },
  {
    name: "pins",
    features: { ...NOTHING, contents: true, pins: true },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...pins(bounds),
    ],
  },
  {
    name: "swap",
    features: { ...NOTHING, contents: true, pins: true },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...pins(bounds),
      ...swapping(bounds),
    ],
  },
  {
    name: "shmem",
    features: { ...NOTHING, contents: true, shmem: true },
    actions: (bounds) => [...life(bounds), ...unmapping(bounds), ...shmem(bounds), ...references(bounds)],
  },
  {
    name: "migration",
    features: { ...NOTHING, contents: true, pins: true, migration: "between" },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...pins(bounds),
      ...migrations(bounds),
    ],
  },
  {
    name: "split",
    features: { ...NOTHING, contents: true, migration: "within" },
    actions: (bounds) => [
      ...life(bounds),
      ...unmapping(bounds),
      ...anonFaults(bounds),
      ...writes(bounds),
      ...references(bounds),
      ...splits(bounds),
    ],
  },
];

/** The machine of a scope at given bounds, with a kernel and the properties to check. One MM lives in the initial state. */
export function scopeModel(
  scope: Scope,
  bounds: WorldBounds,
  kernel: Kernel,
  properties: readonly Property<WorldView>[],
  log: Warnings = new Warnings(),
): Model<World, Kernel, WorldView> {
  return {
    name: scope.name,
    schema: worldSchema(bounds, { ...scope.features, totalMappedPages: kernel.tracksTotalMappedPages }),
    context: reportingTo(log, kernel),
    initial: [
      (world, kernel) => {
        newMm(world, kernel, { mm: 0 });
      },
    ],
    actions: scope.actions(bounds),
    view: (world, kernel) => new PageTableView(world, kernel),
    refresh: (view) => view.refresh(),
    properties,
    warnings: { log, data: kernelWarning },
  };
}
