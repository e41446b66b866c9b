/** Results of a check of layouts, as data. */
import type { NotChecked } from "../../invariants/not-checked.ts";
import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { LineRange } from "../tree/line-set.ts";
import type { LayoutFault } from "./layout-fault.ts";

/** Claims about layouts. */
export const LAYOUT_CLAIMS = ["C21", "C22", "B3", "B4"] as const;

/** The id of a claim about layouts. */
export type LayoutClaim = (typeof LAYOUT_CLAIMS)[number];

/** A fault with the layout that has it. */
export interface LocatedFault {
  readonly claim: LayoutClaim;
  /** Name of the target architecture, and of the set of options. */
  readonly target: string;
  readonly variant: string;
  readonly fault: LayoutFault;
  /** Place in the tree that causes the fault, besides the structs. */
  readonly place?: SourcePlace;
}

/** The verdict on a claim for one target architecture. */
export interface LayoutVerdict {
  readonly claim: LayoutClaim;
  readonly target: string;
  /** Number of layouts checked. */
  readonly layouts: number;
  readonly holds: boolean;
}

/** The results for a tree's layouts. */
export interface LayoutReport {
  readonly verdicts: readonly LayoutVerdict[];
  readonly faults: readonly LocatedFault[];
  /** Claims that could not be checked, with reasons: they do not count as holding. */
  readonly notChecked: readonly NotChecked[];
  /** The lines of the tree that were checked. */
  readonly lines: readonly LineRange[];
}
