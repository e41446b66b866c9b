/** The shared memory that kernel functions access when they run as threads of the race machine. */
import type { Cells } from "../../races/cells.ts";
import type { SharedMemory, ThreadPort } from "../../races/shared-object.ts";

/** Port and cells that the threads of a kernel access. */
export interface ThreadContext {
  readonly port: ThreadPort;
  readonly cells: Cells;
  /** The value that threads always see in a field, whatever they write; undefined for memory. */
  readonly fixed: SharedMemory["fixed"];
}
