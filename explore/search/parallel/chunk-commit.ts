/** Adds the results of workers to a search: the same that its own expansion of the states would have added. */
import type { StateStore } from "../../visited/state-store.ts";
import type { Expansion } from "../expansion.ts";
import type { PropertyChecks } from "../property-checks.ts";
import type { ExpandedChunk } from "./expanded-chunk.ts";

/** Adds chunks, in the order of their states. */
export class ChunkCommit {
  private readonly store: StateStore;
  private readonly checks: PropertyChecks;
  private readonly expansion: Expansion;
  private readonly newStates: Float64Array;
  private readonly words: number;
  /** Keeps the prefetching loads alive. */
  private touched = 0;

  /** @param newStates for each action, the number of new states that it led to */
  constructor(
    words: number,
    {
      store,
      checks,
      expansion,
      newStates,
    }: {
      readonly store: StateStore;
      readonly checks: PropertyChecks;
      readonly expansion: Expansion;
      readonly newStates: Float64Array;
    },
  ) {
    this.words = words;
    this.store = store;
    this.checks = checks;
    this.expansion = expansion;
    this.newStates = newStates;
  }

  /** Adds the new states among the successors of consecutive states of a chunk. */
  addSuccessors(chunk: ExpandedChunk, from: number, end: number): void {
    const { store, newStates, words } = this;
    const { ends, states, hashes, via, first } = chunk;
    let at = from === first ? 0 : (ends[from - first - 1] as number);
    this.touched ^= store.prefetch(hashes, at, ends[end - first - 1] as number);
    for (let state = from; state < end; state++) {
      for (; at < (ends[state - first] as number); at++) {
        if (store.insert(states, at * words, hashes[at] as number, state) < 0) {
          this.takeBack(chunk, at);
        } else {
          const action = via[at] as number;
          newStates[action] = (newStates[action] as number) + 1;
        }
      }
    }
  }

  /** Adds the counts of a chunk whose successors were added. */
  addCounts({ enabled, checked, evaluations }: ExpandedChunk): void {
    const { expansion, checks } = this;
    for (let action = 0; action < enabled.length; action++) {
      const times = enabled[action] as number;
      expansion.enabled[action] = (expansion.enabled[action] as number) + times;
      expansion.transitions += times;
    }
    for (let property = 0; property < checked.length; property++) {
      // The worker may not have known yet that a property is decided: then it is no longer counted.
      if (!checks.isDecided(property)) {
        checks.checked[property] = (checks.checked[property] as number) + (checked[property] as number);
      }
    }
    checks.premises.add(evaluations);
  }

  /** Takes back the evaluations on a successor that is not new: another worker has found it, too. */
  private takeBack(chunk: ExpandedChunk, successor: number): void {
    const { checked } = chunk;
    for (let property = 0; property < checked.length; property++) {
      if (chunk.wasEvaluated(property, successor)) {
        checked[property] = (checked[property] as number) - 1;
      }
    }
  }
}
