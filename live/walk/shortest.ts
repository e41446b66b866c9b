/** Finds a shortest execution of the model that ends with a given transition, up to symmetry. */
import { hashState } from "../../explore/packed/hash.ts";
import { NO_PARENT, StateStore } from "../../explore/visited/state-store.ts";
import type { PackedWorld } from "./packed-world.ts";

/** Maximum number of explored states. Beyond it, the known execution counts as short enough. */
const MOST_STATES = 50_000;

/**
 * Searches breadth first. Overwrites the current state.
 *
 * @param calls an execution of at least one step
 * @returns undefined if no execution is shorter, or none was found within MOST_STATES
 */
export function shorterExecution(machine: PackedWorld, calls: readonly number[]): readonly number[] | undefined {
  const { words } = machine;
  machine.loadInitial();
  for (const call of calls.slice(0, -1)) {
    machine.apply(call);
  }
  const wanted = new Int32Array(words + 1);
  machine.savePair(calls.at(-1) as number, wanted);
  const key = new Int32Array(words + 1);
  const ends = (here: Int32Array, call: number): boolean => {
    machine.load(here);
    if (!machine.apply(call)) {
      return false;
    }
    machine.load(here);
    machine.savePair(call, key);
    return key.every((word, i) => word === wanted[i]);
  };
  const states = new StateStore(words);
  const depths: number[] = [];
  const add = (parent: number, depth: number): void => {
    machine.canonicalize();
    if (states.insert(machine.memory, 0, hashState(machine.memory, 0, words), parent) >= 0) {
      depths.push(depth);
    }
  };
  machine.loadInitial();
  add(NO_PARENT, 0);
  const here = new Int32Array(words);
  for (let s = 0; s < Math.min(states.count, MOST_STATES); s++) {
    const depth = depths[s] as number;
    if (depth + 1 >= calls.length) {
      return undefined;
    }
    states.load(s, here, 0);
    for (let call = 0; call < machine.calls.length; call++) {
      if (ends(here, call)) {
        return executionOf(machine, states, s, ends);
      }
      machine.load(here);
      if (machine.apply(call)) {
        add(s, depth + 1);
      }
    }
  }
  return undefined;
}

/** Returns concrete steps along the canonical states up to a state, and the final step. */
function executionOf(
  machine: PackedWorld,
  states: StateStore,
  last: number,
  ends: (here: Int32Array, call: number) => boolean,
): readonly number[] {
  const way: number[] = [];
  for (let s = last; s !== NO_PARENT; s = states.parentOf(s)) {
    way.push(s);
  }
  machine.loadInitial();
  const here = machine.memory.slice(0, machine.words);
  const found: number[] = [];
  const step = (accept: (call: number) => boolean): void => {
    const call = machine.calls.findIndex((_, each) => accept(each));
    machine.load(here);
    machine.apply(call);
    machine.save(here);
    found.push(call);
  };
  for (const next of way.toReversed().slice(1)) {
    step((call) => {
      machine.load(here);
      if (!machine.apply(call)) {
        return false;
      }
      machine.canonicalize();
      return states.indexOf(machine.memory, 0) === next;
    });
  }
  step((call) => ends(here, call));
  return found;
}
