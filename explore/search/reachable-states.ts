/** Enumerates the states of a small machine without checks, for models whose steps are checked elsewhere. */

import type { DeepReadonly, Model } from "../model/model.ts";
import { hashState } from "../packed/hash.ts";
import { NO_PARENT, StateStore } from "../visited/state-store.ts";
import { compile } from "./compile.ts";

/**
 * Every reachable state once, up to symmetry, in breadth-first order. The search advances lazily. All yielded values
 * are the same object: it is the current state until the next one is requested.
 *
 * @throws MachineError when a recipe breaks a rule or throws
 */
export function* reachableStates<S, C, V>(model: Model<S, C, V>): Generator<DeepReadonly<S>> {
  const views: DeepReadonly<S>[] = [];
  const machine = compile<S, C, DeepReadonly<S>>({
    name: model.name,
    schema: model.schema,
    context: model.context,
    actions: model.actions,
    ...(model.initial === undefined ? {} : { initial: model.initial }),
    view: (state) => {
      views.push(state);
      return state;
    },
    properties: [],
  });
  const { memory, words, canonicalize } = machine;
  const [current] = views as [DeepReadonly<S>];
  const store = new StateStore(words);
  const source = new Int32Array(words);
  const isNew = (): boolean => {
    canonicalize?.();
    return store.insert(memory, 0, hashState(memory, 0, words), NO_PARENT) >= 0;
  };
  for (let index = 0; index < machine.initialStates; index++) {
    machine.loadInitial(index);
    if (isNew()) {
      yield current;
    }
  }
  for (let state = 0; state < store.count; state++) {
    store.load(state, source, 0);
    for (const { instances, apply } of machine.actions) {
      for (let instance = 0; instance < instances; instance++) {
        memory.set(source);
        if (apply(instance) && isNew()) {
          yield current;
        }
      }
    }
  }
}
