/**
 * The `slot-overflow` machine: MM owner tracking of one large folio with the kernel's own numbers. The limit of a
 * 32-bit slot mapcount is 32,767 (stored); an MM exceeds it only by mapping a folio of up to 32,768 pages through
 * several VMAs. So MMs map and unmap the folio as a whole, and additionally a single page: every count next to the
 * limit is reached in a few steps.
 */
import { action, type Model, type Property } from "../explore/model/model.ts";
import { array, at, bool, constant, int, ref, type StructField, self, struct } from "../explore/model/schema.ts";
import { type Applicability, needsMmId, needsOverflow } from "../invariants/applicability.ts";
import * as exclusivity from "../invariants/exclusivity.ts";
import * as witnesses from "../invariants/witnesses.ts";
import { overflowsSlot, updateHistory } from "../model/environment/history.ts";
import type { TruthWithHistory, View } from "../model/environment/view.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../model/kernel/warnings.ts";
import type { TrackedFolio } from "../model/state/structs.ts";
import type { FolioHistory } from "../model/state/world.ts";
import { COUNTS, countingMachine } from "./counting-machine.ts";
import { type Bounds, type MachineDefinition, range } from "./machine.ts";
import { CountsView, type CountsWorld } from "./owner-tracking.ts";

type RememberedFolio = TrackedFolio & FolioHistory;

/** State of the slot-overflow machine. */
export type OverflowWorld = CountsWorld<RememberedFolio>;

/** View of a state for properties. */
export type OverflowView = View<RememberedFolio, TruthWithHistory>;

/** Bounds of the slot-overflow machine. */
export interface SlotOverflowBounds {
  /** Number of pages of the folio. */
  readonly pages: number;
  /** Number of MMs that can map the folio. */
  readonly mms: number;
  /** Number of VMAs through which each MM can map the folio. */
  readonly vmas: number;
}

/** Largest distance of an MM's number of mappings from a multiple of the folio's pages. */
const ASIDE = 1;

function schemaOf({ pages, mms, vmas }: SlotOverflowBounds): StructField<OverflowWorld> {
  const most = pages * vmas;
  return struct({
    mms: array(
      struct({ mapped: int(0, most), idNumber: self(), hasId: constant(true), hasPinned: constant(false) }),
      mms,
      { symmetric: "mm" },
    ),
    folio: struct({
      nrPages: constant(pages),
      // Includes the wrong counts of faulty kernels, so that a claim reports them and not the range check.
      largeMapcount: int(-1 - pages, most * mms, -1),
      mmIdsShared: bool(),
      hadThreeMms: bool(),
      hadOverflow: bool(),
      slots: array(struct({ mmId: ref("mm", mms), mapcount: int(-1 - pages, most, -1) }), 2),
      pages: array(struct({ mapcount: int(-1, -1), anonExclusive: bool(), content: constant(0) }), 0),
    }),
  });
}

/** Whether a number of mappings of an MM is within bounds. */
function isWithin({ pages, vmas }: SlotOverflowBounds, mapped: number): boolean {
  const beyond = mapped % pages;
  return mapped >= 0 && mapped <= pages * vmas && (beyond <= ASIDE || pages - beyond <= ASIDE);
}

/** Updates the history of the folio. */
function updateFolioHistory({ mms, folio }: OverflowWorld, kernel: Kernel): void {
  let mapping = 0;
  for (let i = 0; i < mms.length; i++) {
    const { mapped } = at(mms, i);
    mapping += mapped > 0 ? 1 : 0;
    if (overflowsSlot(mapped, kernel)) {
      folio.hadOverflow = true;
    }
  }
  updateHistory(folio, mapping);
}

/** Builds the model for given bounds, a kernel and the properties to check. */
function slotOverflow(
  bounds: SlotOverflowBounds,
  kernel: Kernel,
  properties: readonly Property<OverflowView>[],
  log: Warnings = new Warnings(),
): Model<OverflowWorld, Kernel, OverflowView> {
  const mms = Array.from({ length: bounds.mms }, (_, i) => i);
  const counts = [1, bounds.pages];
  return {
    name: "slot-overflow",
    schema: schemaOf(bounds),
    context: reportingTo(log, kernel),
    actions: [
      action("map", { mm: mms, pages: counts }, (world: OverflowWorld, kernel: Kernel, { mm: position, pages }) => {
        const mm = at(world.mms, position);
        if (!isWithin(bounds, mm.mapped + pages)) {
          return false;
        }
        mm.mapped += pages;
        kernel.folioAddReturnLargeMapcount(world.folio, pages, mm);
        updateFolioHistory(world, kernel);
        return true;
      }),
      action("unmap", { mm: mms, pages: counts }, (world: OverflowWorld, kernel: Kernel, { mm: position, pages }) => {
        const mm = at(world.mms, position);
        if (!isWithin(bounds, mm.mapped - pages)) {
          return false;
        }
        mm.mapped -= pages;
        kernel.folioSubReturnLargeMapcount(world.folio, pages, mm);
        updateFolioHistory(world, kernel);
        return true;
      }),
    ],
    view: (world, kernel) => new CountsView(world, kernel),
    refresh: (view) => view.refresh(),
    properties,
    warnings: { log, data: kernelWarning },
  };
}

const OVERFLOWING: readonly Applicability<OverflowView>[] = [
  ...COUNTS,
  { property: exclusivity.exactForTwoMms, unless: needsMmId },
  { property: exclusivity.overflowIsNeverExclusive, unless: needsOverflow },
  { property: witnesses.overflowFreesSlot, unless: needsOverflow },
];

/**
 * Machine `slot-overflow`, for C code, whose MM_ID_MAPCOUNT_MAX is fixed. For the model's kernels a small value can be
 * chosen (`mm-id-mapcount-max`), which the machines with page tables exceed.
 */
export const SLOT_OVERFLOW: MachineDefinition = countingMachine(
  {
    name: "slot-overflow",
    summary: "one large folio as counts, at real widths: MMs map and unmap all of it, or a page, through several VMAs",
    bounds: [
      {
        name: "pages",
        description: "pages of the folio (order 2 to 15)",
        values: range(2, 15).map((order) => 2 ** order),
        default: 32_768,
      },
      { name: "mms", description: "MMs that can map it", values: range(1, 4), default: 3 },
      { name: "vmas", description: "VMAs through which each MM can map it", values: range(1, 3), default: 2 },
    ],
  },
  OVERFLOWING,
  (bounds, kernel, properties, log) => slotOverflow(bounds as Bounds & SlotOverflowBounds, kernel, properties, log),
);
