/** Faults of functions that handle struct pages. */

import type { Declaration } from "../../tree/declarations.ts";
import type { StructPageFault } from "../layout-fault.ts";

/** A fault, and the function that has it. */
export interface FoundStructPageFault {
  readonly fault: StructPageFault;
  readonly by: Declaration;
}
