/** Faults of functions that handle struct pages. */

import type { Declaration } from "../../tree/declarations.ts";
import type { StructPageFault } from "../layout-fault.ts";

/** A fault with the function that has it. */
export interface LocatedStructPageFault {
  readonly fault: StructPageFault;
  readonly by: Declaration;
}
