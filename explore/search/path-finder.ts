/** Finds executions: a search remembers parents only, and an execution is found by taking steps again. */

import type { Discovery, PathStep } from "../checkpoint/position.ts";
import { isOutOfRange, MachineError, notDeterministic } from "../model/errors.ts";
import { type ActionTable, isWitness, type Machine } from "../model/machine.ts";
import { NO_PARENT, type StateStore } from "../visited/state-store.ts";
import type { Finding, Path } from "./search-result.ts";
/** Finds the real executions behind discoveries. Overwrites the machine's states. */
export class PathFinder {
  private readonly machine: Machine;
  private readonly store: StateStore;
  private readonly canonicalize: (() => void) | undefined;

  /** @param canonicalize what the search used, if it used symmetry */
  constructor(machine: Machine, store: StateStore, canonicalize: (() => void) | undefined) {
    this.machine = machine;
    this.store = store;
    this.canonicalize = canonicalize;
  }

  /**
   * The finding with its execution, in which the property is really decided.
   *
   * @throws MachineError when there is none: the machine is not deterministic, or not as symmetric as it says
   */
  findingOf({ property, warning, state, step }: Discovery): Finding {
    const { memory, words, warnings } = this.machine;
    const { path, real } = this.pathTo(state);
    if (step === undefined) {
      memory.set(real);
      if (!this.isDecidedNow(property)) {
        throw this.lost();
      }
    } else {
      // Any step from here that decides the property will do: with symmetry, the one that was seen started elsewhere.
      memory.set(real, words);
      this.machine.refreshBefore();
      path.steps.push(
        warning === undefined
          ? this.firstStep(real, () => this.isDecidedNow(property))
          : this.warningStep(real, property, warning),
      );
    }
    const raised = warnings.first;
    warnings.first = 0;
    return { property, ...(warning === undefined ? {} : { warning: raised }), path };
  }

  /**
   * The first step that raises a warning. With symmetry, where no step does: the first that raises one of the same property. The text
   * of the warning that was seen may have names of elements that the real ones do not have.
   */
  private warningStep(real: Int32Array, property: number, warning: number): PathStep {
    const { machine } = this;
    const { warnings } = machine;
    const exact = this.findStep(real, () => warnings.first === warning);
    if (exact !== undefined || this.canonicalize === undefined) {
      return exact ?? this.lose();
    }
    return this.firstStep(real, () => warnings.first !== 0 && machine.propertyOfWarning(warnings.first) === property);
  }

  /** Whether the current state, or the step to it, decides the property as it was seen. */
  private isDecidedNow(index: number): boolean {
    const property = this.machine.properties[index];
    this.machine.refresh();
    if (property === undefined) {
      return this.machine.mayEnd?.() === false;
    }
    return property.evaluate() === isWitness(property.kind);
  }

  /**
   * Finds real steps to a state: from a real initial state on, at each step the first one whose result is, up to
   * symmetry, the next state on the way.
   */
  pathTo(state: number): { path: Path & { steps: PathStep[] }; real: Int32Array } {
    const { machine, store } = this;
    const { memory, words } = machine;
    const way: number[] = [];
    for (let at = state; at !== NO_PARENT; at = store.parentOf(at)) {
      way.push(at);
    }
    way.reverse();
    const wanted = new Int32Array(words);
    store.load(way[0] as number, wanted, 0);
    const initial = this.initialStateLike(wanted);
    const real = memory.slice(0, words);
    const steps: PathStep[] = [];
    for (const next of way.slice(1)) {
      store.load(next, wanted, 0);
      steps.push(this.firstStep(real, () => this.isNow(wanted)));
      real.set(memory.subarray(0, words));
    }
    return { path: { initial, steps }, real };
  }

  /** Leaves the initial state in the machine. */
  private initialStateLike(wanted: Int32Array): number {
    const { machine } = this;
    for (let i = 0; i < machine.initialStates; i++) {
      machine.loadInitial(i);
      if (this.isNow(wanted)) {
        machine.loadInitial(i);
        return i;
      }
    }
    throw this.lost();
  }

  /** Whether the current state is `wanted`, up to symmetry. Rewrites the current state. */
  private isNow(wanted: Int32Array): boolean {
    this.canonicalize?.();
    return wanted.every((word, i) => this.machine.memory[i] === word);
  }

  /** The first step from a state that is accepted once it was taken; the machine is left after it. */
  private firstStep(from: Int32Array, accept: () => boolean): PathStep {
    return this.findStep(from, accept) ?? this.lose();
  }

  private findStep(from: Int32Array, accept: () => boolean): PathStep | undefined {
    const { machine } = this;
    const { memory, warnings } = machine;
    const take = (table: ActionTable, instance: number): boolean => {
      memory.set(from);
      warnings.first = 0;
      try {
        return table.apply(instance);
      } catch (error) {
        if (isOutOfRange(error)) {
          // The search left this step out, or ended before it.
          return false;
        }
        throw error;
      }
    };
    for (const [action, table] of machine.actions.entries()) {
      for (let instance = 0; instance < table.instances; instance++) {
        if (take(table, instance) && accept()) {
          take(table, instance);
          return { action, instance };
        }
      }
    }
    return undefined;
  }

  private lose(): never {
    throw this.lost();
  }

  private lost(): MachineError {
    const { name } = this.machine;
    return this.canonicalize === undefined
      ? notDeterministic(
          `machine ${name}: what was found could not be found again by the same actions`,
          "recipes and properties must depend on nothing but the state, the context and their parameters (no clock, no " +
            "random, no memory)",
        )
      : new MachineError(
          "not-symmetric",
          `machine ${name}: what was found could not be found again by a real execution; some action, initial state or ` +
            "property tells interchangeable elements apart. Search without symmetry, or do not declare it",
        );
  }
}
