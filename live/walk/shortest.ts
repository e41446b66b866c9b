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
export function shorterExecution(model: PackedWorld, calls: readonly number[]): readonly number[] | undefined {
  const { words } = model;
  model.loadInitial();
  for (const call of calls.slice(0, -1)) {
    model.apply(call);
  }
  const targetTransition = new Int32Array(words + 1);
  model.saveTransition(calls.at(-1) as number, targetTransition);
  const key = new Int32Array(words + 1);
  const endsWithTarget = (here: Int32Array, call: number): boolean => {
    model.load(here);
    if (!model.apply(call)) {
      return false;
    }
    model.load(here);
    model.saveTransition(call, key);
    return key.every((word, i) => word === targetTransition[i]);
  };
  const states = new StateStore(words);
  const depths: number[] = [];
  const add = (parent: number, depth: number): void => {
    model.canonicalize();
    if (states.insert(model.memory, 0, hashState(model.memory, 0, words), parent) >= 0) {
      depths.push(depth);
    }
  };
  model.loadInitial();
  add(NO_PARENT, 0);
  const state = new Int32Array(words);
  for (let s = 0; s < Math.min(states.count, MOST_STATES); s++) {
    const depth = depths[s] as number;
    if (depth + 1 >= calls.length) {
      return undefined;
    }
    states.load(s, state, 0);
    for (let call = 0; call < model.calls.length; call++) {
      if (endsWithTarget(state, call)) {
        return executionOf(model, states, s, endsWithTarget);
      }
      model.load(state);
      if (model.apply(call)) {
        add(s, depth + 1);
      }
    }
  }
  return undefined;
}

/** Returns concrete steps along the canonical states up to a state, and the final step. */
function executionOf(
  model: PackedWorld,
  states: StateStore,
  last: number,
  endsWithTarget: (here: Int32Array, call: number) => boolean,
): readonly number[] {
  const path: number[] = [];
  for (let s = last; s !== NO_PARENT; s = states.parentOf(s)) {
    path.push(s);
  }
  model.loadInitial();
  const state = model.memory.slice(0, model.words);
  const calls: number[] = [];
  const step = (accept: (call: number) => boolean): void => {
    const call = model.calls.findIndex((_, each) => accept(each));
    model.load(state);
    model.apply(call);
    model.save(state);
    calls.push(call);
  };
  for (const next of path.toReversed().slice(1)) {
    step((call) => {
      model.load(state);
      if (!model.apply(call)) {
        return false;
      }
      model.canonicalize();
      return states.indexOf(model.memory, 0) === next;
    });
  }
  step((call) => endsWithTarget(state, call));
  return calls;
}
