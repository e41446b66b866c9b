/**
 * What properties see of a state: the folios with the ground truth about each. The ground truth comes from the page
 * tables (in machines that count: from the number of pages that each MM maps); counters are never trusted.
 *
 * Views are made once for each draft and count again when the state was replaced. They hold their counts in arrays that
 * they reuse, and properties use plain loops: this is the checker's hot path, where nothing is allocated.
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { MmStruct, TrackedFolio } from "../state/structs.ts";
import type { FolioHistory, World, WorldFolio } from "../state/world.ts";

/** Who really maps one folio. */
export interface FolioTruth<F extends TrackedFolio = TrackedFolio> {
  readonly folio: F;
  /** Page table entries, of both levels, that map any of its pages. */
  readonly mappings: number;
  /** MMs that have at least one of them. */
  readonly mappingMms: number;
  /** Entries by MM. */
  readonly mappingsOf: Int32Array;
}

/** Who really maps one folio whose history is known. */
export type RememberedTruth = FolioTruth<TrackedFolio & FolioHistory>;

/** A state of any of our machines. */
export interface View<F extends TrackedFolio = TrackedFolio, T extends FolioTruth<F> = FolioTruth<F>> {
  readonly kernel: Kernel;
  readonly mms: readonly MmStruct[];
  readonly folios: readonly T[];
  /** The state was replaced. */
  refresh(): void;
}

/** One folio of a state with page tables. */
export interface PageTableTruth extends FolioTruth<WorldFolio> {
  /** PTEs by page of the folio. */
  readonly mappingsOfPage: Int32Array;
  /** PMDs that map the folio. */
  readonly pmdMappings: number;
  /** Pages that at least one entry of either level maps. */
  readonly mappedPages: number;
  /** Pages that at least one PTE maps. */
  readonly pteMappedPages: number;
  /** Migration entries, of both levels, that stand for the folio. */
  readonly migrationEntries: number;
  /** References and pins that are held through GUP, or taken speculatively. */
  readonly heldReferences: number;
  /** Of those, pins. */
  readonly heldPins: number;
}

/** What properties of the machines with page tables see. */
export interface WorldView extends View<WorldFolio, PageTableTruth> {
  readonly world: World;
}
