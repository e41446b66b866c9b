/** The definition of a race machine: shared memory, and operations that CPUs can execute on it. */
import type { StructField } from "../explore/model/schema.ts";
import type { ThreadWarnings } from "./access-tree.ts";
import type { Cells, Roles } from "./cells.ts";
import type { Operation } from "./operation.ts";
import type { Describe, ThreadPort } from "./shared-object.ts";

/** Shared memory and operations to interleave. */
export interface RaceDefinition<S> {
  /** The shared memory. */
  readonly schema: StructField<S>;
  readonly roles: Roles;
  readonly describe: Describe;
  /** Whether fields of a C object are written by one store. */
  readonly isOneWord: (object: string) => boolean;
  /** The value that threads always see in a field, whatever they write; undefined for memory. */
  readonly fixed: (path: string) => number | boolean | undefined;
  /** Whether properties or observed conditions look at a cell while operations are executed. */
  readonly isObserved: (path: string) => boolean;
  /** Where threads and the machine leave warnings. */
  readonly warnings: ThreadWarnings;
  /** Makes the operations. @param port what threads of the machine call */
  readonly operations: (port: ThreadPort, cells: Cells) => readonly Operation<S>[];
}
