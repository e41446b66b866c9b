/** The definition of a race machine: shared memory, and the operations of CPUs on it. */
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
  /** Whether the fields of a C object are written by one store. */
  readonly isOneWord: (object: string) => boolean;
  /** The constant value that threads read from a field, whatever they write to it; undefined for ordinary memory. */
  readonly fixed: (path: string) => number | boolean | undefined;
  /** Whether properties or observed conditions read a cell while operations are in progress. */
  readonly isObserved: (path: string) => boolean;
  /** Receives warnings of threads and of the machine. */
  readonly warnings: ThreadWarnings;
  /** Makes the operations. @param port the port of the threads */
  readonly operations: (port: ThreadPort, cells: Cells) => readonly Operation<S>[];
}
