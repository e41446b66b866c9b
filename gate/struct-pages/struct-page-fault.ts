/** Faults of functions that handle struct pages. */
import type { ActionCall } from "../../explore/model.ts";
import type { Declaration } from "../source/declarations.ts";

/** A shortest way in which what an earlier owner left in a struct page, or nobody initialised, reaches the next owner. */
export interface StructPageFault {
  readonly steps: readonly ActionCall[];
  readonly text: string;
  /** The function that leaves it. */
  readonly by: Declaration;
}
