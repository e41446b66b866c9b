/**
 * Detects machines that are not as symmetric as declared: for a sample of states, a renaming of interchangeable
 * elements must change neither the successors of an action, up to symmetry, nor the values of the properties. Checks
 * all of the first states, which expose most such mistakes, and single ones later.
 */
import { MachineError } from "../model/errors.ts";
import type { ActionTable, Machine } from "../model/machine.ts";
import { hashState } from "../packed/hash.ts";
import { LONG_SEARCH } from "./long-search.ts";

const STATES_CHECKED_FULLY = 256;
/** Of the later states, one in this many is checked. */
const INTERVAL = 256;
/** The same for a long search. */
const LONG_INTERVAL = 4096;

/** Compares a sample of states with renamed ones. */
export class SymmetryCheck {
  private readonly machine: Machine;
  private readonly canonicalize: () => void;

  constructor(machine: Machine, canonicalize: () => void) {
    this.machine = machine;
    this.canonicalize = canonicalize;
  }

  /**
   * To be called after the state at `source`, the `ordinal`-th of the search, was expanded. Overwrites the current
   * state.
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
    const before = this.propertyValues(source);
    const after = this.propertyValues(renamed);
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
   * Summarises the successors by an action: their number, the properties of warnings (not their texts, which may name
   * elements), and the sum of the hashes of the canonical forms, which does not depend on the order of the instances.
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

  private propertyValues(state: Int32Array): (boolean | undefined)[] {
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
      `${what} of machine ${this.machine.name} distinguishes interchangeable elements: in a state and in the same state with ` +
        "its elements renamed, it does not do the same. Search without symmetry, or do not declare it",
    );
  }
}
