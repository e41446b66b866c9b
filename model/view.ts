/**
 * What properties see of a state: the folios with the ground truth about each. The ground truth comes from the page
 * tables (owner-tracking: from the number of pages that each MM maps); counters are never trusted.
 *
 * Views are made once for each draft and count again when the state was replaced. They hold their counts in arrays that
 * they reuse, and properties use plain loops: this is the checker's hot path, where nothing is allocated.
 */
import type { Kernel } from "./kernel/kernel.ts";
import type { Folio, MmStruct, NodeStats, Pte, TrackedFolio } from "./kernel/structs.ts";

/** Who really maps one folio. */
export interface FolioTruth<F extends TrackedFolio = TrackedFolio> {
  readonly folio: F;
  /** Page table entries that map any of its pages. */
  readonly mappings: number;
  /** MMs that have at least one of them. */
  readonly mappingMms: number;
  /** Entries by MM. */
  readonly mappingsOf: Int32Array;
}

/** A state of any of our machines. */
export interface View<F extends TrackedFolio = TrackedFolio, T extends FolioTruth<F> = FolioTruth<F>> {
  readonly kernel: Kernel;
  readonly mms: readonly MmStruct[];
  readonly folios: readonly T[];
  /** The state was replaced. */
  refresh(): void;
}

/** One folio of a state with page tables. */
export interface RmapTruth extends FolioTruth<RmapFolio> {
  /** Entries by page of the folio. */
  readonly mappingsOfPage: Int32Array;
  /** Pages that at least one entry maps. */
  readonly mappedPages: number;
}

/** A folio with what only the environment knows about it. */
export interface RmapFolio extends Folio {
  /** The folio's position plus one: what a page table entry that maps it holds. */
  readonly frameNumber: number;
  /** Whether the folio is in use. */
  allocated: boolean;
  /** Whether the page cache holds it, with one reference for each page. */
  inPageCache: boolean;
  /** Offset of its first page in the file, in pages (`folio->index`); 0 for an anon folio. */
  index: number;
  /** History: since it was last unmapped, three MMs mapped it at one time. Only properties look at it. */
  hadThreeMms: boolean;
  /** History: since it was last unmapped, one MM had more mappings than a slot mapcount holds (32-bit). */
  hadOverflow: boolean;
}

/** One VMA: a row of page table entries. */
export interface RmapVma {
  readonly ptes: readonly Pte[];
}

/** An MM with its VMAs. */
export interface RmapMm extends MmStruct {
  /** Whether it has users: it can fault, fork and exit. */
  live: boolean;
  readonly vmas: readonly RmapVma[];
}

/** A state of the `rmap` machine. */
export interface World {
  readonly mms: readonly RmapMm[];
  readonly folios: readonly RmapFolio[];
  readonly stats: NodeStats;
}

/** What properties of the `rmap` machine see. */
export interface RmapView extends View<RmapFolio, RmapTruth> {
  readonly world: World;
}
