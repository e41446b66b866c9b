/**
 * Machine of the scenarios: the actions and features of all machines with page tables, which share one state schema and
 * one set of kernel functions, and two further operations for the self-test.
 */
import { type Action, action, type Model, type Property } from "../../explore/model/model.ts";
import { MACHINES, PAGE_TABLE_MACHINES } from "../../machines/index.ts";
import { type PageTableMachine, pageTableModel } from "../../machines/page-tables/machine.ts";
import type { WorldView } from "../../model/environment/view.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { World } from "../../model/state/world.ts";
import type { WorldBounds } from "../../model/state/world-schema.ts";
import { forkRange } from "./fork-range.ts";
import { mprotect } from "./mprotect.ts";

/** Model of this machine. */
export type Everything = Model<World, Kernel, WorldView>;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Returns the further operations. */
function ofScenarios({ mms, pages }: WorldBounds): Action<World, Kernel>[] {
  const mm = upTo(mms);
  const first = upTo(pages);
  const count = first.map((i) => i + 1);
  return [
    action("mprotect", { mm, first, count, softDirty: [false, true] }, mprotect, {
      where: (p) => p.first + p.count <= pages,
    }),
    action("forkRange", { parent: mm, child: mm, first, count }, forkRange, {
      where: (p) => p.parent !== p.child && p.first + p.count <= pages,
    }),
  ];
}

/** Removes duplicates by name: several machines have the same actions. */
function unique<T>(all: readonly T[], name: (each: T) => string): T[] {
  return [...new Map(all.map((each) => [name(each), each])).values()];
}

/** All actions and features in one machine. */
export const EVERYTHING: Pick<PageTableMachine, "name" | "features" | "actions"> = {
  name: "everything",
  features: { contents: true, shmem: true, pins: true, migration: "between" },
  actions: (bounds) => [
    ...unique(
      PAGE_TABLE_MACHINES.flatMap((machine) => machine.actions(bounds)),
      ({ name }) => name,
    ),
    ...ofScenarios(bounds),
  ],
};

/**
 * Returns every property of the machines with page tables that applies at these bounds. Excludes C14, which has
 * exceptions with swap and migration: see C14.swap-cache and C14.migration.
 */
function propertiesOf(bounds: WorldBounds, kernel: Kernel): Property<WorldView>[] {
  const machines = MACHINES.filter((machine) => PAGE_TABLE_MACHINES.some(({ name }) => name === machine.name));
  const all = machines.flatMap((machine) => machine.build({ ...bounds }, kernel).properties as Property<WorldView>[]);
  return unique(all, ({ id }) => id).filter(({ id }) => id !== "C14" || bounds.swapSlots === 0);
}

/** Builds the model for given bounds and a kernel. */
export function everything(
  bounds: WorldBounds,
  kernel: Kernel,
  properties: readonly Property<WorldView>[] = propertiesOf(bounds, kernel),
): Everything {
  return pageTableModel(EVERYTHING, bounds, kernel, properties);
}
