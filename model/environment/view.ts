/**
 * Views: states as properties read them, with the ground truth about each folio. The ground truth is computed from the
 * page tables (in the counting machines: from the number of pages that each MM maps), never from counters of the
 * kernel.
 *
 * A view is created once for each draft and recounts after the state was replaced. Views reuse their arrays, and
 * properties use plain loops: this is the hot path of the checker, which allocates nothing.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { MmStruct, TrackedFolio } from "../state/structs.ts";
import type { FolioHistory, World, WorldFolio } from "../state/world.ts";

/** Ground truth about the mappings of one folio. */
export interface FolioTruth<F extends TrackedFolio = TrackedFolio> {
  readonly folio: F;
  /** Number of page table entries of both levels that map any of its pages. */
  readonly mappings: number;
  /** Number of MMs with at least one such entry. */
  readonly mappingMms: number;
  /** Number of such entries by MM. */
  readonly mappingsOf: Int32Array;
}

/** Ground truth about a folio with its history. */
export type TruthWithHistory = FolioTruth<TrackedFolio & FolioHistory>;

/** View of a state of any machine. */
export interface View<F extends TrackedFolio = TrackedFolio, T extends FolioTruth<F> = FolioTruth<F>> {
  readonly kernel: Kernel;
  readonly mms: readonly MmStruct[];
  readonly folios: readonly T[];
  /** Called after the state was replaced. */
  refresh(): void;
}

/** Ground truth about one folio of a machine with page tables. */
export interface PageTableTruth extends FolioTruth<WorldFolio> {
  /** Number of PTEs by page of the folio. */
  readonly mappingsOfPage: Int32Array;
  /** Number of PMDs that map the folio. */
  readonly pmdMappings: number;
  /** Number of pages that at least one entry of either level maps. */
  readonly mappedPages: number;
  /** Number of pages that at least one PTE maps. */
  readonly pteMappedPages: number;
  /** Number of migration entries of both levels that refer to the folio. */
  readonly migrationEntries: number;
  /** Number of references and pins taken by GUP, or speculatively. */
  readonly heldReferences: number;
  /** Number of pins among them. */
  readonly heldPins: number;
}

/** View of a state of a machine with page tables. */
export interface WorldView extends View<WorldFolio, PageTableTruth> {
  readonly world: World;
}
