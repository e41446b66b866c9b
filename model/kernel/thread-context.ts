/** Shared memory that kernel functions access when they run as threads of the race machine. */
import type { Cells } from "../../races/cells.ts";
import type { SharedMemory, ThreadPort } from "../../races/shared-object.ts";

/** Port and cells through which the threads of a kernel access shared memory. */
export interface ThreadContext {
  readonly port: ThreadPort;
  readonly cells: Cells;
  /** Returns the value that threads always load from a field, independent of stores; undefined for ordinary memory. */
  readonly fixed: SharedMemory["fixed"];
}
