/**
 * Catches machines that are not as symmetric as they say: for some states, renaming interchangeable elements must change
 * neither where each action leads, up to symmetry, nor what the properties say. All of the first states, where mistakes
 * of this kind show, and later one now and then.
 */
import { MachineError } from "../model/errors.ts";
import type { ActionTable, Machine } from "../model/machine.ts";
import { hashState } from "../packed/hash.ts";
import { LONG_SEARCH } from "./long-search.ts";

const STATES_CHECKED_FULLY = 256;
/** Distance of the states after them that are checked. */
const INTERVAL = 256;
/** The same in a long search. */
const LONG_INTERVAL = 4096;

/** Compares some states with renamed ones. */
export class SymmetryCheck {
  private readonly machine: Machine;
  private readonly canonicalize: () => void;

  constructor(machine: Machine, canonicalize: () => void) {
    this.machine = machine;
    this.canonicalize = canonicalize;
  }

  /**
   * Call after the state at `source`, the `ordinal`-th of the search, was expanded. Overwrites the current state.
   *
   * @throws MachineError (`not-symmetric`), naming the action or property
   */
  afterExpanding(source: Int32Array, ordinal: number): void {
    const { machine } = this;
    const interval = ordinal < STATES_CHECKED_FULLY ? 1 : ordinal < LONG_SEARCH ? INTERVAL : LONG_INTERVAL;
    if (ordinal % interval !== 0 || machine.rename === undefined) {
      return;
    }
    const { memory, words } = machine;
    memory.set(source);
    machine.rename(ordinal);
    const renamed = memory.slice(0, words);
    for (const table of machine.actions) {
      if (this.successorsOf(source, table) !== this.successorsOf(renamed, table)) {
        this.fail(`action ${table.name}`);
      }
    }
    const before = this.answersIn(source);
    const after = this.answersIn(renamed);
    const different = machine.properties.findIndex((_, index) => before[index] !== after[index]);
    if (different >= 0) {
      this.fail(`property ${machine.properties[different]?.id}`);
    }
    if (this.isLegalEnd(source) !== this.isLegalEnd(renamed)) {
      this.fail("the predicate of legal ends");
    }
    machine.warnings.first = 0;
  }

  /**
   * Says where an action leads: the number of successors, the properties that warnings belong to, whose texts may name elements, and
   * the sum of the hashes of the canonical forms, which does not depend on the order of the instances.
   */
  private successorsOf(state: Int32Array, table: ActionTable): string {
    const { machine } = this;
    const { memory, words, warnings } = machine;
    let count = 0;
    let raised = 0;
    let sum = 0;
    for (let instance = 0; instance < table.instances; instance++) {
      memory.set(state);
      warnings.first = 0;
      if (table.apply(instance)) {
        this.canonicalize();
        count += 1;
        raised += warnings.first === 0 ? 0 : 1 + machine.propertyOfWarning(warnings.first);
        sum = (sum + hashState(memory, 0, words)) | 0;
      }
    }
    return `${count} ${raised} ${sum}`;
  }

  private answersIn(state: Int32Array): (boolean | undefined)[] {
    const { machine } = this;
    machine.memory.set(state);
    machine.refresh();
    return machine.properties.map(({ kind, evaluate }) =>
      kind === "always" || kind === "sometimes" ? evaluate() : undefined,
    );
  }

  private isLegalEnd(state: Int32Array): boolean | undefined {
    this.machine.memory.set(state);
    this.machine.refresh();
    return this.machine.mayEnd?.();
  }

  private fail(what: string): never {
    throw new MachineError(
      "not-symmetric",
      `${what} of machine ${this.machine.name} tells interchangeable elements apart: in a state and in the same state with ` +
        "its elements renamed, it does not do the same. Search without symmetry, or do not declare it",
    );
  }
}
