/**
 * The `rmap` machine: real pages and page tables. Anon and file folios of several sizes are faulted in, forked, unmapped
 * in ranges, freed and used again, by MMs that come and go. Whole operations are atomic; concurrency is not modelled.
 */
import { type Action, action, type Model, type Property } from "../explore/model.ts";
import { anonFault, fileFault } from "./environment/fault.ts";
import { PageTableView } from "./environment/ground-truth.ts";
import { readFile, reclaim } from "./environment/page-cache.ts";
import { exit, fork, newMm } from "./environment/process.ts";
import { type RmapBounds, rmapSchema } from "./environment/rmap-schema.ts";
import { unmap } from "./environment/zap.ts";
import type { Kernel } from "./kernel/kernel.ts";
import type { RmapView, World } from "./view.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function actionsWithin(bounds: RmapBounds): Action<World, Kernel>[] {
  const { pages, minPages } = bounds;
  const mm = upTo(bounds.mms);
  const folio = upTo(bounds.folios);
  const first = upTo(pages);
  const count = first.map((i) => i + 1);
  const vma = upTo(bounds.anon + bounds.file);
  const fileVma = vma.slice(bounds.anon);
  const folioPages = [1, 2, 4, 8].filter((nr) => nr >= minPages && nr <= pages);
  const inVma = (p: { readonly first: number; readonly count: number }): boolean => p.first + p.count <= pages;
  const actions: Action<World, Kernel>[] = [
    action("newMm", { mm }, newMm),
    action("fork", { parent: mm, child: mm }, fork, {
      where: ({ parent, child }) => parent !== child,
    }),
    action("unmap", { mm, vma, first, count }, unmap, {
      where: (p) => inVma(p),
    }),
    action("exit", { mm }, exit),
  ];
  if (bounds.anon > 0) {
    actions.push(
      action("anonFault", { mm, first, pages: folioPages, folio }, anonFault, {
        where: (p) => p.first % p.pages === 0,
      }),
    );
  }
  if (bounds.file > 0) {
    actions.push(
      action("readFile", { index: first, pages: folioPages, folio }, readFile, {
        where: (p) => p.index % p.pages === 0,
      }),
      action("fileFault", { mm, vma: fileVma, first, count }, fileFault, {
        where: (p) => inVma(p),
      }),
      action("reclaim", { folio }, reclaim),
    );
  }
  return actions;
}

/** The machine at given bounds, with a kernel and the properties to check. One MM lives in the initial state. */
export function rmap(
  bounds: RmapBounds,
  kernel: Kernel,
  properties: readonly Property<RmapView>[],
  warningText: (code: number) => string,
): Model<World, Kernel, RmapView> {
  return {
    name: "rmap",
    schema: rmapSchema(bounds),
    context: kernel,
    initial: [
      (world, kernel) => {
        newMm(world, kernel, { mm: 0 });
      },
    ],
    actions: actionsWithin(bounds),
    view: (world, kernel) => new PageTableView(world, kernel),
    refresh: (view) => view.refresh(),
    properties,
    warnings: { log: kernel.warnings, text: warningText },
  };
}
