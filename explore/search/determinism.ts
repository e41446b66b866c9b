/**
 * Detects nondeterministic machines: repeats actions from the same state; the result must be equal, and a state that
 * the search has visited. Repeats all actions of the first states, which expose most such bugs, and single ones later.
 */
import { type ActionCall, formatCall } from "../model/action-call.ts";
import { inAction, MachineError, notDeterministic } from "../model/errors.ts";
import type { ActionTable, Machine } from "../model/machine.ts";
import { SpillFailed } from "../visited/state-file.ts";
import type { StateStore } from "../visited/state-store.ts";
import { LONG_SEARCH } from "./long-search.ts";

const STATES_CHECKED_FULLY = 256;
/** Of the later states, one in this many is checked. */
const INTERVAL = 16;
/** The same for a long search. */
const LONG_INTERVAL = 256;

/** Repeats a sample of the explorer's steps. */
export class DeterminismCheck {
  /** The state from which a repeated step led to a state that was not visited: that is known only when it is looked up. */
  failedIn: number | undefined;
  private readonly machine: Machine;
  private readonly first: Int32Array;
  private readonly instances: number;
  /** The state whose steps are repeated. */
  private ordinal = 0;

  private readonly store: StateStore;
  private readonly canonicalize: (() => void) | undefined;

  /**
   * @param store contains the results of all steps so far
   * @param canonicalize the search's function, if it uses symmetry
   */
  constructor(machine: Machine, store: StateStore, canonicalize: (() => void) | undefined) {
    this.machine = machine;
    this.store = store;
    this.canonicalize = canonicalize;
    this.first = new Int32Array(machine.words);
    this.instances = machine.actions.reduce((sum, each) => sum + each.instances, 0);
  }

  /**
   * To be called after the state at `source`, the `ordinal`-th of the search, was expanded. Overwrites the current
   * state.
   *
   * @throws MachineError (`not-deterministic`), naming the action and the field; (`read-only`), naming a changed array
   *   and, if a recipe changed it, the action
   */
  afterExpanding(source: Int32Array, ordinal: number): void {
    this.ordinal = ordinal;
    if (ordinal < STATES_CHECKED_FULLY) {
      const changed = this.machine.restoreArrays?.(true);
      for (const table of this.machine.actions) {
        for (let instance = 0; instance < table.instances; instance++) {
          this.check(source, table, instance);
        }
      }
      failIfChanged(changed);
      return;
    }
    const interval = ordinal < LONG_SEARCH ? INTERVAL : LONG_INTERVAL;
    if (ordinal % interval === 0) {
      // A stride that shares no factor with most instance counts reaches every instance eventually.
      let instance = ((ordinal / interval) * 7919) % this.instances;
      for (const table of this.machine.actions) {
        if (instance < table.instances) {
          this.check(source, table, instance);
          return;
        }
        instance -= table.instances;
      }
    }
  }

  /**
   * To be called at the end of the search.
   *
   * @throws MachineError (`read-only`), naming an array that was changed
   */
  afterSearch(): void {
    failIfChanged(this.machine.restoreArrays?.(true));
  }

  /**
   * Whether the machine agrees with the store of an earlier search: its initial states are in the store, and so are the
   * successors of a sample of the expanded states. Overwrites the current state.
   *
   * @param learned data that its recipes had derived in that search
   * @param settle completes the calls of `requireVisited`
   */
  doesAsBefore(expanded: number, learned: unknown, settle: () => void): boolean {
    try {
      const learnsAsBefore = this.machine.learned?.restore(learned) ?? learned === undefined;
      return learnsAsBefore && this.areSuccessorsVisited(expanded, settle);
    } catch (error) {
      if (error instanceof SpillFailed) {
        throw error;
      }
      // A recipe that throws here did not throw in the earlier search.
      return false;
    } finally {
      this.machine.warnings.first = 0;
    }
  }

  /** Whether the initial states, and the successors of a sample of states, are in the store. */
  private areSuccessorsVisited(expanded: number, settle: () => void): boolean {
    const { machine, first, store } = this;
    let areVisited = true;
    const fail = (): void => {
      areVisited = false;
    };
    for (let index = 0; index < machine.initialStates && areVisited; index++) {
      machine.loadInitial(index);
      this.requireVisited(fail);
    }
    for (let at = 0; at < expanded && areVisited; at += Math.max(1, expanded / STATES_CHECKED_FULLY)) {
      store.load(Math.floor(at), first, 0);
      for (const table of machine.actions) {
        for (let instance = 0; instance < table.instances; instance++) {
          machine.memory.set(first);
          if (table.apply(instance)) {
            this.requireVisited(fail);
          }
        }
      }
    }
    settle();
    return areVisited;
  }

  /** Requires the current state to be in the store, up to symmetry. Rewrites it to its canonical form. */
  private requireVisited(fail: () => void): void {
    this.canonicalize?.();
    this.store.requireVisited(this.machine.memory, 0, fail);
  }

  private check(source: Int32Array, table: ActionTable, instance: number): void {
    const { onRepetition } = this.machine;
    try {
      onRepetition?.("as before");
      this.executeTwice(source, table, instance);
    } finally {
      onRepetition?.(undefined);
    }
  }

  private executeTwice(source: Int32Array, table: ActionTable, instance: number): void {
    const { memory, words } = this.machine;
    const { apply, applyRecipe = apply } = table;
    memory.set(source);
    const isRuledOut = this.isRuledOut(table, instance);
    const enabled = apply(instance);
    if (enabled && isRuledOut) {
      const action = table.call(instance);
      throw new MachineError(
        "bad-model",
        `action ${formatCall(action)} is enabled where its guard is false; a guard must hold wherever the action is enabled`,
        { action },
      );
    }
    const array = this.machine.restoreArrays?.(false);
    if (array !== undefined) {
      throw inAction(arrayChanged(array), table.call(instance));
    }
    this.first.set(memory.subarray(0, words));
    memory.set(source);
    this.machine.onRepetition?.("anew");
    const enabledAgain = applyRecipe(instance);
    if (enabled !== enabledAgain) {
      this.fail(table.call(instance), "was enabled once and not enabled the second time");
    }
    if (this.first.some((word, i) => memory[i] !== word)) {
      this.fail(table.call(instance), `left different values in field ${this.machine.firstDifference(this.first)}`);
    }
    if (enabled) {
      const { ordinal } = this;
      this.requireVisited(() => {
        this.failedIn = ordinal;
        this.fail(table.call(instance), "led to a state that the search has not visited");
      });
    }
    this.machine.warnings.first = 0;
  }

  private isRuledOut({ groups }: ActionTable, instance: number): boolean {
    return groups !== undefined && !groups.mayBeEnabled(groupOf(groups.ends, instance));
  }

  private fail(action: ActionCall, what: string): never {
    throw notDeterministic(
      `action ${formatCall(action)}, taken twice from the same state, ${what}`,
      "a recipe must depend on nothing but the state, the context and its parameters (no clock, no random numbers, no " +
        "memory of its own)",
      { action },
    );
  }
}

export function failIfChanged(array: string | undefined): void {
  if (array !== undefined) {
    throw arrayChanged(array);
  }
}

function arrayChanged(array: string): MachineError {
  return new MachineError(
    "read-only",
    `elements of array ${array} were replaced, added, removed or reordered; write to the fields of its elements`,
    { field: array },
  );
}

/** Returns the group of an instance: the first that ends behind it. An action may have thousands. */
function groupOf(ends: readonly number[], instance: number): number {
  let first = 0;
  let behind = ends.length;
  while (first < behind) {
    const middle = (first + behind) >> 1;
    if (instance < (ends[middle] as number)) {
      behind = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}
