/** Operations executed as a whole by one CPU. This needs no access trees. */

import type { StructField } from "../explore/model/schema.ts";
import type { Access, Port } from "./access.ts";
import { type Assignment, Cells, StateMemory } from "./cells.ts";
import { OperationThreads, type Template } from "./operation-threads.ts";
import type { RaceDefinition } from "./race-definition.ts";
import { arrangements } from "./race-model.ts";

/** An operation with its elements: positions by role. */
export interface WholeOperation<S> extends Template<S> {
  readonly elements: readonly number[];
}

/** Thrown to stop a thread that waits for another CPU. */
const BLOCKED = Object.freeze({ name: "the thread waits for ever" });

/** The operations of a definition. */
export class WholeOperations<S> implements Port {
  /** Every operation with all choices of elements. */
  readonly all: readonly WholeOperation<S>[];
  private readonly threads: OperationThreads<S>;
  private readonly memory: StateMemory;

  /** @param elements number of elements of the scalarset */
  constructor(definition: RaceDefinition<S>, elements: number) {
    const cells = new Cells(definition.schema as StructField, definition.roles);
    this.memory = new StateMemory(cells);
    this.threads = new OperationThreads(definition, cells, this);
    this.all = this.threads.templates.flatMap((template) =>
      arrangements(elements, template.operation.roles.length).map((own) => ({ ...template, elements: own })),
    );
  }

  mayStart(state: S, { operation, parameters, elements }: WholeOperation<S>): boolean {
    return operation.mayStart(state, elements, parameters);
  }

  /** Executes an operation that may start. @returns whether it ended; otherwise it waits for ever */
  execute(state: S, whole: WholeOperation<S>): boolean {
    const { operation, parameters, elements } = whole;
    const { memory, threads } = this;
    memory.state = state;
    memory.assignment = Object.fromEntries(elements.map((each, role) => [`role${role}`, each + 1])) as Assignment;
    operation.begin?.(state, elements, parameters);
    const observed = operation.observes?.(state) ?? false;
    threads.reset();
    try {
      const result = threads.run(whole);
      operation.end?.(state, elements, parameters, result, observed || operation.observes?.(state) === true);
      return true;
    } catch (error) {
      if (error !== BLOCKED) {
        throw error;
      }
      return false;
    }
  }

  access({ enabled, perform }: Access): number {
    const { memory } = this;
    if (enabled !== undefined && !enabled(memory)) {
      throw BLOCKED;
    }
    return perform(memory);
  }

  enter(): void {}

  leave(): void {}
}
