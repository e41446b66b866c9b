/** Results of the expansion of some consecutive states, in shared memory: a worker writes them, the search reads them. */
import type { Machine } from "../../model/machine.ts";
import type { VisitedStates } from "../../visited/visited-states.ts";
import { GROUP } from "../expansion.ts";

/** Largest number of words of one chunk, if possible. */
const MOST_WORDS = 1 << 20;

/** Numbers of the head. */
const FIRST = 0;
const END = 1;
const SUCCESSORS = 2;
const IS_EXPANDED = 3;
const HEAD = 4;

/** Sizes of a chunk's arrays. */
export interface ChunkSizes {
  readonly states: number;
  readonly successors: number;
  /** Length of a state in 32-bit words. */
  readonly words: number;
  readonly actions: number;
  readonly properties: number;
  /** Number of counters of `WarningLog.evaluations`. */
  readonly evaluations: number;
}

/**
 * The sizes for a machine: there is always enough space for all successors.
 *
 * @param most the number of states that is wanted, a power of two from GROUP
 */
export function chunkSizes({ words, actions, properties, warnings }: Machine, most: number): ChunkSizes {
  const instances = actions.reduce((sum, each) => sum + each.instances, 0);
  let states = most;
  while (states > GROUP && states * instances * words > MOST_WORDS) {
    states /= 2;
  }
  return {
    states,
    successors: states * instances,
    words,
    actions: actions.length,
    properties: properties.length,
    evaluations: warnings.evaluations?.length ?? 0,
  };
}

/** A chunk. Successors that the worker found among the visited states are not in it. */
export class ExpandedChunk {
  /** The states of the chunk, one after the other: the worker need not have them in memory. */
  readonly sources: Int32Array;
  /** Index of the end of each state's successors. */
  readonly ends: Int32Array;
  /** The successors, one after the other, in the order of the search. */
  readonly states: Int32Array;
  /** `hashState` of each successor. */
  readonly hashes: Int32Array;
  /** Index of the action that led to each successor. */
  readonly via: Int32Array;
  /** For each successor the properties that were evaluated on it, with a true premise: `evaluatedWords` words of bits. */
  readonly evaluated: Int32Array;
  readonly evaluatedWords: number;
  /** For each action, the number of steps in which it was enabled. */
  readonly enabled: Float64Array;
  /** For each property, the number of evaluations with a true premise, on steps and on the successors. */
  readonly checked: Float64Array;
  /** Counters of `WarningLog.evaluations`. */
  readonly evaluations: Float64Array;
  private readonly head: Int32Array;
  private readonly words: number;

  /** @param memory memory of `bytesOf(sizes)` bytes */
  constructor(memory: SharedArrayBuffer, sizes: ChunkSizes) {
    const { states, successors, words, actions, properties, evaluations } = sizes;
    let at = 0;
    const doubles = (length: number): Float64Array => {
      const array = new Float64Array(memory, at, length);
      at += array.byteLength;
      return array;
    };
    const numbers = (length: number): Int32Array => {
      const array = new Int32Array(memory, at, length);
      at += array.byteLength;
      return array;
    };
    this.words = words;
    this.evaluatedWords = maskWords(sizes);
    this.enabled = doubles(actions);
    this.checked = doubles(properties);
    this.evaluations = doubles(evaluations);
    this.head = numbers(HEAD);
    this.sources = numbers(states * words);
    this.ends = numbers(states);
    this.hashes = numbers(successors);
    this.via = numbers(successors);
    this.evaluated = numbers(successors * this.evaluatedWords);
    this.states = numbers(successors * words);
  }

  /** Bytes of a chunk. */
  static bytesOf(sizes: ChunkSizes): number {
    const { states, successors, words, actions, properties, evaluations } = sizes;
    const numbers = HEAD + states * (words + 1) + successors * (2 + maskWords(sizes) + words);
    return 8 * (actions + properties + evaluations) + 4 * numbers;
  }

  /** Index of the first state of the chunk. */
  get first(): number {
    return this.numberAt(FIRST);
  }

  /** Index after the last state of the chunk. */
  get end(): number {
    return this.numberAt(END);
  }

  /** Number of successors in the chunk. */
  get successors(): number {
    return this.numberAt(SUCCESSORS);
  }

  /** Whether the rest is valid. Otherwise the search has to expand these states: see ChunkExpander. */
  get isExpanded(): boolean {
    return this.head[IS_EXPANDED] === 1;
  }

  /** Begins a chunk of states of a store. */
  begin(first: number, end: number, store: Pick<VisitedStates, "load">): void {
    this.head.set([first, end, 0, 0]);
    for (let state = first; state < end; state++) {
      store.load(state, this.sources, (state - first) * this.words);
    }
  }

  /** Ends a chunk. @param successors number of successors; undefined for a chunk that was not expanded */
  finish(successors: number | undefined): void {
    this.head[SUCCESSORS] = successors ?? 0;
    this.head[IS_EXPANDED] = successors === undefined ? 0 : 1;
  }

  /** Whether a property was evaluated on a successor, with a true premise. */
  wasEvaluated(property: number, successor: number): boolean {
    return (
      (((this.evaluated[successor * this.evaluatedWords + (property >> 5)] as number) >>> (property & 31)) & 1) === 1
    );
  }

  private numberAt(index: number): number {
    return (this.head[index] as number) >>> 0;
  }
}

function maskWords({ properties }: ChunkSizes): number {
  return Math.ceil(properties / 32);
}
