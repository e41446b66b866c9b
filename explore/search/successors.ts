/**
 * The innermost loop of a search: take every instance of one action from one state and collect the results.
 *
 * The loop is generated for the machine's state length and for each action. With its words unrolled into local variables
 * and a recipe of its own to inline, it runs about twice as fast as a loop that all actions share.
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
  /** Of each, which of some sets of bits differ from those of the source: as bits. */
  readonly changed: Int32Array;
  /** Number of transitions that the last call took. */
  taken: number;
}

/** What the loop asks its owner. */
export interface Hooks {
  /** The recipe of an instance returned false after it had changed the state. */
  disabledButChanged(instance: number): never;
  /** A recipe raised a warning. @returns whether the search is over */
  warned(instance: number): boolean;
  /** A step was taken. Absent when nobody looks at steps. @returns whether the search is over */
  stepped?(instance: number): boolean;
  /** Rewrites the current state to its canonical form. Absent without symmetry. */
  canonicalize?(): void;
  /**
   * A recipe threw. Absent when that ends the search.
   *
   * @throws what it was given, unless the step is to be left out
   */
  failed?(error: unknown): void;
}

/** Adds the successors by one action to the batch, after the `count` that are there; returns how many there are then. */
export type SuccessorLoop = (count: number) => number;

/**
 * Makes the loop for one action. The current state must be `batch.source` when it is called, and is again afterwards.
 *
 * @param watched the sets of bits that `batch.changed` is about, by word
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
  // A step that cannot be taken is left out: the state is as it was.
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
      let found = count, taken = 0, hash = 0;
      ${groupLoop}
      for (; instance < ${groups === undefined ? table.instances : "ends[group]"}; instance++) {
        ${hooks.failed === undefined ? "if (!apply(instance)) {" : tolerant}
          if (${each((i) => `memory[${i}] !== s${i}`, " || ")}) hooks.disabledButChanged(instance);
          warnings.first = 0;
          continue;
        }
        taken++;
        if (warnings.first !== 0 && hooks.warned(instance)) ${stop};
        ${hooks.stepped === undefined ? "" : `if (hooks.stepped(instance)) ${stop};`}
        ${each((i) => `${hooks.canonicalize ? "let" : "const"} d${i} = memory[${i}];`)}
        ${hash}
        const place = (hash >>> ${RECENT_SHIFT} & ${recent.mask}) * ${words};
        const known = ${each((i) => `recentStates[place + ${i}] === d${i}`, " && ")};
        if (!known) {
          ${each((i) => `recentStates[place + ${i}] = d${i};`)}
          ${changed.length === 0 ? "" : `changed[found] = ${changed.join(" | ")};`}
          ${
            hooks.canonicalize === undefined
              ? ""
              : `hooks.canonicalize();
          if (${each((i) => `memory[${i}] !== d${i}`, " || ")}) {
            ${each((i) => `d${i} = memory[${i}];`)}
            ${hash}
          }`
          }
          const at = found * ${words};
          ${each((i) => `states[at + ${i}] = d${i};`)}
          hashes[found] = hash;
          via[found] = ${action};
          found++;
        }
        ${each((i) => `memory[${i}] = s${i};`)}
      }
      ${groups === undefined ? "" : "}"}
      batch.taken = taken;
      return found;
    };`;
  return new Function("given", source)({ machine, table, batch, recent, hooks }) as SuccessorLoop;
}
