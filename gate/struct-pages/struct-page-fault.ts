/** Faults of functions that handle struct pages. */
import type { StructPageFault } from "../layout/layout-fault.ts";
import type { Declaration } from "../source/declarations.ts";

/** A fault, and the function that has it. */
export interface FoundStructPageFault {
  readonly fault: StructPageFault;
  readonly by: Declaration;
}
