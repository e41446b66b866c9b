/**
 * Machines with page tables. They share one state schema, one set of kernel functions and one set of actions; each
 * enables some of the actions, so that exhaustive exploration is feasible at useful bounds.
 */
import type { Model, Property } from "../../explore/model/model.ts";
import type { Pair } from "../../explore/model/product.ts";
import {
  applicable,
  bound,
  needsPins,
  type PageTableFeatures,
  situationOf,
  skipped,
} from "../../invariants/applicability.ts";
import * as equivalence from "../../invariants/equivalence.ts";
import { type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import { PAGE_TABLE_CLAIMS } from "../../invariants/page-tables.ts";
import { PageTableView } from "../../model/environment/ground-truth.ts";
import { newMm } from "../../model/environment/process.ts";
import type { WorldView } from "../../model/environment/view.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../../model/kernel/warnings.ts";
import type { World } from "../../model/state/world.ts";
import { type WorldBounds, worldSchema } from "../../model/state/world-schema.ts";
import { type AnyModel, ATOMIC, type Bounds, type MachineDefinition } from "../machine.ts";
import type { WorldAction } from "./actions.ts";
import { type UnnamedBound, worldBounds, worldConflict } from "./bounds.ts";

/** Machine with page tables: bounds, actions, features of its states, and items that are not checked. */
export interface PageTableMachine extends PageTableFeatures {
  readonly summary: string;
  /** Bounds; an absent one is 0. */
  readonly bounds: { readonly [B in keyof WorldBounds]?: UnnamedBound };
  readonly actions: (bounds: WorldBounds) => readonly WorldAction[];
  /** Items that are not checked, in addition to those of every machine with page tables. */
  readonly absent: readonly NotChecked[];
}

/** Features of states with page tables and counters only. */
export const NO_FEATURES: PageTableFeatures["features"] = {
  contents: false,
  shmem: false,
  pins: false,
  migration: "none",
};

/**
 * Builds the model of a machine for given bounds, a kernel and the properties to check. One MM exists in the initial
 * state.
 */
export function pageTableModel(
  machine: Pick<PageTableMachine, "name" | "features" | "actions">,
  bounds: WorldBounds,
  kernel: Kernel,
  properties: readonly Property<WorldView>[],
  log: Warnings = new Warnings(),
): Model<World, Kernel, WorldView> {
  return {
    name: machine.name,
    schema: worldSchema(bounds, { ...machine.features, totalMappedPages: kernel.tracksTotalMappedPages }),
    context: reportingTo(log, kernel),
    initial: [
      (world, kernel) => {
        newMm(world, kernel, { mm: 0 });
      },
    ],
    actions: machine.actions(bounds),
    view: (world, kernel) => new PageTableView(world, kernel),
    refresh: (view) => view.refresh(),
    properties,
    warnings: { log, data: kernelWarning },
  };
}

/** Whether only one of two kernels has a pincount for folios of order 1, and such folios can be pinned. */
function pinsDiffer(bounds: Bounds, { one, other }: Pair<Kernel>, machine: PageTableMachine): boolean {
  const situation = situationOf(bounds, one, machine);
  return (
    one.tracksTotalMappedPages !== other.tracksTotalMappedPages &&
    !one.config.is64Bit &&
    needsPins(situation) === undefined &&
    bound(situation, "pages") >= 2 &&
    bound(situation, "minPages") <= 2
  );
}

/** Builds the definition of a machine with page tables, with the claims that apply. */
export function pageTableMachine(machine: PageTableMachine): MachineDefinition {
  const { name, summary, bounds: boundTexts, absent } = machine;
  return {
    name,
    summary,
    bounds: Object.entries(boundTexts).map(([bound, text]) => ({ name: bound, ...text })),
    conflict: worldConflict,
    build: (bounds, kernel, _calls, log) =>
      pageTableModel(
        machine,
        worldBounds(bounds),
        kernel,
        applicable(PAGE_TABLE_CLAIMS, situationOf(bounds, kernel, machine)),
        log,
      ) as AnyModel,
    equivalence: (bounds, kernels) =>
      [
        ...equivalence.TRACKING,
        ...equivalence.PAGE_TABLES,
        ...(pinsDiffer(bounds, kernels, machine) ? [equivalence.pinsAreCountedElsewhere] : []),
      ] as Property<Pair<unknown>>[],
    notChecked: (bounds, kernel) => [
      ...skipped(PAGE_TABLE_CLAIMS, situationOf(bounds, kernel, machine)),
      notChecked({ property: "W2" }, "machine owner-tracking shows it; here one step removes several batches"),
      ...((bounds["pmd"] ?? 0) === 0 ? [notChecked("PMD mappings")] : []),
      ...((bounds["anon"] ?? 0) === 0 ? [notChecked("Anon folios")] : []),
      ...((bounds["file"] ?? 0) === 0 ? [notChecked("File folios")] : []),
      ...absent,
      ATOMIC,
    ],
  };
}
