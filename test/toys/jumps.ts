/** A direct implementation of `Machine`: it jumps from its first state to any of the given states. */
import type { Machine } from "../../explore/model/machine.ts";

/**
 * @param states states of equal length; the first is the initial state
 * @param from the states with enabled jumps: only the first, or all
 */
export function jumps(states: readonly Int32Array[], from: "first" | "all"): Machine {
  const [first] = states;
  const words = first?.length ?? 0;
  const memory = new Int32Array(2 * words);
  return {
    name: "jumps",
    words,
    layout: "",
    memory,
    initialStates: 1,
    loadInitial: () => memory.set(first ?? []),
    actions: [
      {
        name: "jump",
        instances: states.length,
        apply: (to) => {
          if (from === "first" && first?.some((word, i) => memory[i] !== word)) {
            return false;
          }
          memory.set(states[to] ?? []);
          return true;
        },
        call: (to) => ({ action: "jump", parameters: { to } }),
      },
    ],
    properties: [],
    refresh: () => {},
    refreshBefore: () => {},
    warnings: { first: 0 },
    propertyOfWarning: () => 0,
    firstDifference: () => "none",
  };
}
