/**
 * The innermost loop of a search: applies every instance of one action to one state and collects the results.
 *
 * The loop is generated for the machine's state length and for each action. With words unrolled into local variables
 * and a single recipe to inline, it runs about twice as fast as a loop shared by all actions.
 */

import type { ActionTable, Machine } from "../model/machine.ts";
import { hashSource } from "../packed/hash.ts";
import { RECENT_SHIFT, type RecentStates } from "../visited/recent-states.ts";

/** The successors of the state that is being expanded. */
export interface Batch {
  /** The state that is being expanded. */
  readonly source: Int32Array;
  /** Collected successors, one after the other. */
  readonly states: Int32Array;
  /** `hashState` of each. */
  readonly hashes: Int32Array;
  /** Index of the action that led to each. */
  readonly via: Int32Array;
  /** For each, the sets of watched bits in which it differs from the source: bit i for set i. */
  readonly changed: Int32Array;
  /** Number of transitions of the last call. */
  taken: number;
}

/** Callbacks of the loop. */
export interface Hooks {
  /** Called when the recipe of an instance returned false after it had changed the state. */
  disabledButChanged(instance: number): never;
  /** Called when a recipe raised a warning. @returns whether the search is over */
  warned(instance: number): boolean;
  /** Called after each step. Absent without step properties. @returns whether the search is over */
  stepped?(instance: number): boolean;
  /** Rewrites the current state to its canonical form. Absent without symmetry. */
  canonicalize?(): void;
  /**
   * Called when a recipe threw. Absent if that ends the search.
   *
   * @throws `error`, unless the step is to be omitted
   */
  failed?(error: unknown): void;
}

/** Appends the successors by one action to the batch, which has `count`; returns the new count. */
export type SuccessorLoop = (count: number) => number;

/**
 * Makes the loop for one action. The current state must be `batch.source` on entry, and is again on return.
 *
 * @param watched the sets of bits reported in `batch.changed`, by word
 */
export function successorLoop(
  machine: Machine,
  table: ActionTable,
  action: number,
  batch: Batch,
  recent: RecentStates,
  hooks: Hooks,
  watched: readonly Int32Array[] = [],
): SuccessorLoop {
  const { words } = machine;
  const each = (line: (word: number) => string, separator = " "): string =>
    Array.from({ length: words }, (_, word) => line(word)).join(separator);
  // A step that throws is omitted: the state is restored.
  const tolerant = `let enabled = false;
        try {
          enabled = apply(instance);
        } catch (error) {
          hooks.failed(error);
          warnings.first = 0;
          ${each((i) => `memory[${i}] = s${i};`)}
          continue;
        }
        if (!enabled) {`;
  const hash = hashSource(words, (word) => `d${word}`);
  const changed = watched.map((bits, i) => {
    const differs = Array.from(bits, (mask, word) => (mask === 0 ? "" : `((d${word} ^ s${word}) & ${mask})`));
    return `((${differs.filter((each) => each !== "").join(" | ") || "0"}) === 0 ? 0 : ${1 << i})`;
  });
  const { groups } = table;
  const stop = groups === undefined ? "break" : "break groups";
  const groupLoop =
    groups === undefined
      ? "let instance = 0;"
      : `groups: for (let group = 0, instance = 0; group < ${groups.ends.length}; group++) {
        if (!mayBeEnabled(group)) {
          instance = ends[group];
          continue;
        }`;
  const source = `
    const { machine, table, batch, recent, hooks } = given;
    const { memory, warnings } = machine;
    const { source, states, hashes, via, changed } = batch;
    const apply = table.apply, recentStates = recent.states;
    ${groups === undefined ? "" : "const { ends, mayBeEnabled } = table.groups;"}
    return (count) => {
      ${each((i) => `const s${i} = source[${i}];`)}
      let total = count, transitions = 0, hash = 0;
      ${groupLoop}
      for (; instance < ${groups === undefined ? table.instances : "ends[group]"}; instance++) {
        ${hooks.failed === undefined ? "if (!apply(instance)) {" : tolerant}
          if (${each((i) => `memory[${i}] !== s${i}`, " || ")}) hooks.disabledButChanged(instance);
          warnings.first = 0;
          continue;
        }
        transitions++;
        if (warnings.first !== 0 && hooks.warned(instance)) ${stop};
        ${hooks.stepped === undefined ? "" : `if (hooks.stepped(instance)) ${stop};`}
        ${each((i) => `${hooks.canonicalize ? "let" : "const"} d${i} = memory[${i}];`)}
        ${hash}
        const place = (hash >>> ${RECENT_SHIFT} & ${recent.mask}) * ${words};
        const isRecent = ${each((i) => `recentStates[place + ${i}] === d${i}`, " && ")};
        if (!isRecent) {
          ${each((i) => `recentStates[place + ${i}] = d${i};`)}
          ${changed.length === 0 ? "" : `changed[total] = ${changed.join(" | ")};`}
          ${
            hooks.canonicalize === undefined
              ? ""
              : `hooks.canonicalize();
          if (${each((i) => `memory[${i}] !== d${i}`, " || ")}) {
            ${each((i) => `d${i} = memory[${i}];`)}
            ${hash}
          }`
          }
          const at = total * ${words};
          ${each((i) => `states[at + ${i}] = d${i};`)}
          hashes[total] = hash;
          via[total] = ${action};
          total++;
        }
        ${each((i) => `memory[${i}] = s${i};`)}
      }
      ${groups === undefined ? "" : "}"}
      batch.taken = transitions;
      return total;
    };`;
  return new Function("given", source)({ machine, table, batch, recent, hooks }) as SuccessorLoop;
}
