/** Reconstructs executions: a search stores parents only, so actions are repeated to find the steps between them. */

import type { Discovery, PathStep } from "../checkpoint/position.ts";
import { isOutOfRange, MachineError, notDeterministic } from "../model/errors.ts";
import { type ActionTable, isWitness, type Machine } from "../model/machine.ts";
import { NO_PARENT, type StateStore } from "../visited/state-store.ts";
import type { Finding, Path } from "./search-result.ts";
/** Finds real executions for violations and witnesses. Overwrites the machine's states. */
export class PathFinder {
  private readonly machine: Machine;
  private readonly store: StateStore;
  private readonly canonicalize: (() => void) | undefined;

  /** @param canonicalize the search's function, if it used symmetry */
  constructor(machine: Machine, store: StateStore, canonicalize: (() => void) | undefined) {
    this.machine = machine;
    this.store = store;
    this.canonicalize = canonicalize;
  }

  /**
   * The violation or witness with an execution that really decides the property.
   *
   * @throws MachineError if there is none: the machine is not deterministic, or not as symmetric as declared
   */
  findingOf({ property, warning, state, step }: Discovery): Finding {
    const { memory, words, warnings } = this.machine;
    const { path, real } = this.pathTo(state);
    if (step === undefined) {
      memory.set(real);
      if (!this.isDecidedNow(property)) {
        throw this.notReproducible();
      }
    } else {
      // Any step from here that decides the property will do: with symmetry, the original one started in another state.
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
   * The first step that raises the warning. With symmetry, if there is none, the first that raises a warning of the
   * same property: the original warning may name elements that have other names in the real state.
   */
  private warningStep(real: Int32Array, property: number, warning: number): PathStep {
    const { machine } = this;
    const { warnings } = machine;
    const exact = this.findStep(real, () => warnings.first === warning);
    if (exact !== undefined || this.canonicalize === undefined) {
      return exact ?? this.fail();
    }
    return this.firstStep(real, () => warnings.first !== 0 && machine.propertyOfWarning(warnings.first) === property);
  }

  /** Whether the current state, or the step to it, decides the property, as in the search. */
  private isDecidedNow(index: number): boolean {
    const property = this.machine.properties[index];
    this.machine.refresh();
    if (property === undefined) {
      return this.machine.mayEnd?.() === false;
    }
    return property.evaluate() === isWitness(property.kind);
  }

  /**
   * Finds real steps to a state: from a real initial state, each step is the first one whose result is, up to symmetry,
   * the next state of the chain of parents.
   */
  pathTo(state: number): { path: Path & { steps: PathStep[] }; real: Int32Array } {
    const { machine, store } = this;
    const { memory, words } = machine;
    const chain: number[] = [];
    for (let at = state; at !== NO_PARENT; at = store.parentOf(at)) {
      chain.push(at);
    }
    chain.reverse();
    const target = new Int32Array(words);
    store.load(chain[0] as number, target, 0);
    const initial = this.initialStateEqualTo(target);
    const real = memory.slice(0, words);
    const steps: PathStep[] = [];
    for (const next of chain.slice(1)) {
      store.load(next, target, 0);
      steps.push(this.firstStep(real, () => this.matches(target)));
      real.set(memory.subarray(0, words));
    }
    return { path: { initial, steps }, real };
  }

  /** Index of the initial state that equals `target`, up to symmetry. Leaves that state in the machine. */
  private initialStateEqualTo(target: Int32Array): number {
    const { machine } = this;
    for (let i = 0; i < machine.initialStates; i++) {
      machine.loadInitial(i);
      if (this.matches(target)) {
        machine.loadInitial(i);
        return i;
      }
    }
    throw this.notReproducible();
  }

  /** Whether the current state equals `target`, up to symmetry. Rewrites the current state. */
  private matches(target: Int32Array): boolean {
    this.canonicalize?.();
    return target.every((word, i) => this.machine.memory[i] === word);
  }

  /** The first step from a state after which `accept` returns true. Leaves the machine in the state after it. */
  private firstStep(from: Int32Array, accept: () => boolean): PathStep {
    return this.findStep(from, accept) ?? this.fail();
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
          // The search omitted this step, or ended before it.
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

  private fail(): never {
    throw this.notReproducible();
  }

  private notReproducible(): MachineError {
    const { name } = this.machine;
    return this.canonicalize === undefined
      ? notDeterministic(
          `machine ${name}: a violation or witness could not be reproduced by the same actions`,
          "recipes and properties must depend on nothing but the state, the context and their parameters (no clock, no " +
            "random, no memory)",
        )
      : new MachineError(
          "not-symmetric",
          `machine ${name}: a violation or witness could not be reproduced by a real execution; some action, initial state or ` +
            "property distinguishes interchangeable elements. Search without symmetry, or do not declare it",
        );
  }
}
