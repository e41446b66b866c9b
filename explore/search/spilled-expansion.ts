/**
 * Expands states while some of the visited ones are on disk: in chunks, as workers do, whose successors are looked up
 * on disk together, and later.
 */
import type { Machine } from "../model/machine.ts";
import { hashState } from "../packed/hash.ts";
import type { SpillingStore } from "../visited/spilling-store.ts";
import { ChunkExpander } from "./parallel/chunk-expander.ts";
import { chunkSizes, ExpandedChunk } from "./parallel/expanded-chunk.ts";
import type { PropertyChecks } from "./property-checks.ts";

/** Usual number of states of a chunk: a power of two that divides the interval of polls. */
const CHUNK = 128;

/** Options of the search. */
interface Options {
  readonly symmetry: boolean;
  readonly allViolations: boolean;
}

/** The expansion of states during one search. */
export class SpilledExpansion {
  private readonly machine: Machine;
  private readonly store: SpillingStore;
  private readonly checks: PropertyChecks;
  private readonly options: Options;
  private readonly states: number;
  private readonly chunk: ExpandedChunk;
  private readonly source: Int32Array;
  private expander: ChunkExpander | undefined;
  /** Number of properties that the expander knows to be decided. */
  private decided = 0;
  /** Index after the last state whose successors are looked up. */
  private lookedUpTo = 0;

  constructor(machine: Machine, store: SpillingStore, checks: PropertyChecks, options: Options) {
    const sizes = chunkSizes(machine, store.spill.chunk ?? CHUNK);
    this.machine = machine;
    this.store = store;
    this.checks = checks;
    this.options = options;
    this.states = sizes.states;
    this.chunk = new ExpandedChunk(new SharedArrayBuffer(ExpandedChunk.bytesOf(sizes)), sizes);
    this.source = new Int32Array(machine.words);
  }

  /** Whether the successors of a state are looked up. */
  isLookedUp(state: number): boolean {
    return state < this.lookedUpTo;
  }

  /** Expands the next states of a level. */
  expand(first: number, levelEnd: number): ExpandedChunk {
    const { chunk, states, checks } = this;
    this.expander ??= new ChunkExpander(this.machine, this.store, this.options, () => {});
    const { witnesses, violations } = checks;
    if (this.decided !== witnesses.length + violations.length) {
      this.decided = witnesses.length + violations.length;
      this.expander.adopt(witnesses, violations);
    }
    chunk.begin(first, Math.min(levelEnd, first - (first % states) + states), this.store);
    this.expander.expand(chunk);
    return chunk;
  }

  /**
   * Looks up the successors of states, which the search is going to expand in detail. Nothing must be pending. Overwrites
   * the current state.
   */
  lookUpSuccessors({ first, end }: Pick<ExpandedChunk, "first" | "end">): void {
    const { machine, store, source } = this;
    for (let state = first; state < end; state++) {
      store.load(state, source, 0);
      for (const { instances, apply } of machine.actions) {
        for (let instance = 0; instance < instances; instance++) {
          this.addSuccessor(() => apply(instance));
        }
      }
    }
    machine.restoreArrays?.(true);
    machine.warnings.first = 0;
    store.lookUp();
    this.lookedUpTo = end;
  }

  /** Adds the state after a step from `source` to the pending states. */
  private addSuccessor(take: () => boolean): void {
    const { memory, words } = this.machine;
    memory.set(this.source);
    try {
      if (!take()) {
        return;
      }
      if (this.options.symmetry) {
        this.machine.canonicalize?.();
      }
    } catch {
      // The search will take this step, and handle the exception.
      return;
    }
    this.store.pending.addForLookup(memory, 0, hashState(memory, 0, words));
  }
}
