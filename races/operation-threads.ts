/** Runs the operations of a definition as threads on a port. */
import type { Parameters } from "../explore/model/action-call.ts";
import type { StructField } from "../explore/model/schema.ts";
import type { Port } from "./access.ts";
import type { Cells } from "./cells.ts";
import type { Operation } from "./operation.ts";
import type { RaceDefinition } from "./race-definition.ts";
import { sharedState, ThreadPort } from "./shared-object.ts";

/** An operation with one choice of its non-element parameters. */
export interface Template<S> {
  readonly operation: Operation<S>;
  readonly parameters: Parameters;
}

/** Threads that perform their accesses on one port. */
export class OperationThreads<S> {
  readonly operations: readonly Operation<S>[];
  readonly templates: readonly Template<S>[];
  private readonly port: ThreadPort;
  private readonly shared: S;

  constructor(definition: RaceDefinition<S>, cells: Cells, port: Port) {
    const { schema, describe, fixed, isOneWord } = definition;
    this.port = new ThreadPort(port, isOneWord);
    this.shared = sharedState<S>({ schema: schema as StructField, cells, describe, port: this.port, fixed });
    this.operations = definition.operations(this.port, cells);
    this.templates = this.operations.flatMap((operation) =>
      operation.choices.map((parameters) => ({ operation, parameters })),
    );
  }

  /** To be called before a thread is run: the previous run may have stopped before a store. */
  reset(): void {
    this.port.reset();
  }

  /** Runs a thread. @returns its result */
  run({ operation, parameters }: Template<S>): number {
    const result = operation.run(this.shared, parameters);
    this.port.flush();
    return result;
  }
}
