/** Adds the results of workers to a search: the same that its own expansion of the states would have added. */
import type { SpillingStore } from "../../visited/spilling-store.ts";
import type { StateStore } from "../../visited/state-store.ts";
import type { Expansion } from "../expansion.ts";
import type { PropertyChecks } from "../property-checks.ts";
import type { ExpandedChunk } from "./expanded-chunk.ts";

/** Adds chunks, in the order of their states. */
export class ChunkCommit {
  private readonly store: StateStore;
  private readonly spilling: SpillingStore | undefined;
  private readonly checks: PropertyChecks;
  private readonly expansion: Expansion;
  private readonly newStates: Float64Array;
  private readonly words: number;
  /** Keeps the prefetching loads alive. */
  private touched = 0;

  /**
   * @param spilling the same store, if it moves states to disk
   * @param newStates for each action, the number of new states that it led to
   */
  constructor(
    words: number,
    {
      store,
      spilling,
      checks,
      expansion,
      newStates,
    }: {
      readonly store: StateStore;
      readonly spilling: SpillingStore | undefined;
      readonly checks: PropertyChecks;
      readonly expansion: Expansion;
      readonly newStates: Float64Array;
    },
  ) {
    this.words = words;
    this.store = store;
    this.spilling = spilling;
    this.checks = checks;
    this.expansion = expansion;
    this.newStates = newStates;
  }

  /** Adds the new states among the successors of consecutive states of a chunk. */
  addSuccessors(chunk: ExpandedChunk, from: number, end: number): void {
    const { store, spilling, words } = this;
    const { ends, states, hashes, via, first } = chunk;
    const postpones = spilling?.isSpilled === true;
    let at = from === first ? 0 : (ends[from - first - 1] as number);
    this.touched ^= store.prefetch(hashes, at, ends[end - first - 1] as number);
    for (let state = from; state < end; state++) {
      for (; at < (ends[state - first] as number); at++) {
        if (postpones) {
          if (!spilling.postpone(chunk, at, state)) {
            takeBack(chunk.checked, chunk, at);
          }
        } else if (store.insert(states, at * words, hashes[at] as number, state) < 0) {
          takeBack(chunk.checked, chunk, at);
        } else {
          this.countNew(via[at] as number);
        }
      }
    }
  }

  /** Finds out which of the pending states are new, and adds those. */
  settle(): void {
    const { spilling, checks } = this;
    const { checked } = checks;
    const taken = new Float64Array(checked.length);
    spilling?.settle((index, isNew) => {
      if (isNew) {
        this.countNew(spilling.pending.viaOf(index));
      } else {
        takeBack(taken, spilling.pending, index);
      }
    });
    this.addChecked(taken);
  }

  /** Adds the counts of a chunk whose successors were added. */
  addCounts({ enabled, checked, evaluations }: ExpandedChunk): void {
    const { expansion } = this;
    for (let action = 0; action < enabled.length; action++) {
      const times = enabled[action] as number;
      expansion.enabled[action] = (expansion.enabled[action] as number) + times;
      expansion.transitions += times;
    }
    this.addChecked(checked);
    this.checks.premises.add(evaluations);
  }

  /** Adds numbers of evaluations. */
  private addChecked(checked: Float64Array): void {
    const { checks } = this;
    for (let property = 0; property < checked.length; property++) {
      // The worker may not have known yet that a property is decided: then it is no longer counted.
      if (checked[property] !== 0 && !checks.isDecided(property)) {
        checks.checked[property] = (checks.checked[property] as number) + (checked[property] as number);
      }
    }
  }

  private countNew(action: number): void {
    this.newStates[action] = (this.newStates[action] as number) + 1;
  }
}

/** Takes back the evaluations on a successor that is not new: it was found before. */
function takeBack(checked: Float64Array, evaluations: Pick<ExpandedChunk, "wasEvaluated">, successor: number): void {
  for (let property = 0; property < checked.length; property++) {
    if (evaluations.wasEvaluated(property, successor)) {
      checked[property] = (checked[property] as number) - 1;
    }
  }
}
