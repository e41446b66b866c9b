/**
 * The `owner-tracking` machine: MM owner tracking of one large folio, counts only. The smallest machine, also used to
 * benchmark checkers against each other as OT(pages, MMs); see bench/ot.pml.
 */
import { action, type Model, type Property } from "../explore/model/model.ts";
import { array, at, bool, constant, int, ref, type StructField, self, struct } from "../explore/model/schema.ts";
import type { FolioTruth, View } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../model/kernel/warnings.ts";
import type { MmStruct, TrackedFolio } from "../model/state/structs.ts";
import { COUNTS, countingMachine } from "./counting-machine.ts";
import { type Bounds, type MachineDefinition, range } from "./machine.ts";

/** MM of a counting machine, with its number of mappings of the folio. */
export interface CountingMm extends MmStruct {
  mapped: number;
}

/** State of a counting machine. */
export interface CountsWorld<F extends TrackedFolio = TrackedFolio> {
  readonly mms: readonly CountingMm[];
  readonly folio: F;
}

/** Bounds of the owner-tracking machine. */
export interface OwnerTrackingBounds {
  /** Number of pages of the folio. */
  readonly pages: number;
  /** Number of MMs that can map the folio. */
  readonly mms: number;
}

function schemaOf({ pages, mms }: OwnerTrackingBounds): StructField<CountsWorld> {
  return struct({
    mms: array(
      struct({ mapped: int(0, pages), idNumber: self(), hasId: constant(true), hasPinned: constant(false) }),
      mms,
      { symmetric: "mm" },
    ),
    folio: struct({
      nrPages: constant(pages),
      // Includes the wrong counts of faulty kernels, so that a claim reports them and not the range check.
      largeMapcount: int(-1 - pages, pages * mms - 1, -1),
      mmIdsShared: bool(),
      slots: array(struct({ mmId: ref("mm", mms), mapcount: int(-1 - pages, pages, -1) }), 2),
      pages: array(struct({ mapcount: int(-1, -1), anonExclusive: bool(), content: constant(0) }), 0),
    }),
  });
}

/** Ground truth of the counting machines. */
export class CountsView<F extends TrackedFolio> implements View<F>, FolioTruth<F> {
  readonly kernel: Kernel;
  readonly mms: readonly CountingMm[];
  readonly folio: F;
  readonly folios: readonly FolioTruth<F>[];
  readonly mappingsOf: Int32Array;
  mappings = 0;
  mappingMms = 0;

  constructor(world: CountsWorld<F>, kernel: Kernel) {
    this.kernel = kernel;
    this.mms = world.mms;
    this.folio = world.folio;
    this.folios = [this];
    this.mappingsOf = new Int32Array(world.mms.length);
    this.refresh();
  }

  refresh(): void {
    this.mappings = 0;
    this.mappingMms = 0;
    for (let i = 0; i < this.mms.length; i++) {
      const { mapped } = at(this.mms, i);
      this.mappingsOf[i] = mapped;
      this.mappings += mapped;
      this.mappingMms += mapped > 0 ? 1 : 0;
    }
  }
}

/** Builds the model for given bounds, a kernel and the properties to check. */
export function ownerTracking(
  bounds: OwnerTrackingBounds,
  kernel: Kernel,
  properties: readonly Property<View>[],
  log: Warnings = new Warnings(),
): Model<CountsWorld, Kernel, View> {
  const { pages } = bounds;
  const mms = Array.from({ length: bounds.mms }, (_, i) => i);
  const counts = Array.from({ length: pages }, (_, i) => i + 1);
  return {
    name: "owner-tracking",
    schema: schemaOf(bounds),
    context: reportingTo(log, kernel),
    actions: [
      action("map", { mm: mms, pages: counts }, (world: CountsWorld, kernel: Kernel, parameters) => {
        const mm = at(world.mms, parameters.mm);
        if (mm.mapped + parameters.pages > pages) {
          return false;
        }
        mm.mapped += parameters.pages;
        kernel.folioAddReturnLargeMapcount(world.folio, parameters.pages, mm);
        return true;
      }),
      action("unmap", { mm: mms, pages: counts }, (world: CountsWorld, kernel: Kernel, parameters) => {
        const mm = at(world.mms, parameters.mm);
        if (mm.mapped < parameters.pages) {
          return false;
        }
        mm.mapped -= parameters.pages;
        kernel.folioSubReturnLargeMapcount(world.folio, parameters.pages, mm);
        return true;
      }),
    ],
    view: (world, kernel) => new CountsView(world, kernel),
    refresh: (view) => view.refresh(),
    properties,
    warnings: { log, data: kernelWarning },
  };
}

/** Machine `owner-tracking`, with the claims that apply. */
export const OWNER_TRACKING: MachineDefinition = countingMachine(
  {
    name: "owner-tracking",
    summary: "one large folio as counts: MMs map and unmap any number of its pages",
    bounds: [
      { name: "pages", description: "pages of the folio", values: range(2, 64), default: 4 },
      { name: "mms", description: "MMs that can map it", values: range(1, 8), default: 3 },
    ],
  },
  COUNTS,
  (bounds, kernel, properties, log) => ownerTracking(bounds as Bounds & OwnerTrackingBounds, kernel, properties, log),
);
