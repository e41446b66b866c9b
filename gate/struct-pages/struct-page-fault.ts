/** Faults of functions that handle struct pages. */
import type { ActionCall } from "../../explore/model.ts";
import type { Declaration } from "../source/declarations.ts";

/** A shortest way in which a stale or uninitialised value of a struct page reaches the next owner. */
export interface StructPageFault {
  readonly steps: readonly ActionCall[];
  readonly text: string;
  /** The function that leaves it. */
  readonly by: Declaration;
}
