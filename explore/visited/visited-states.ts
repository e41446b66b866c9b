/**
 * Visited states and a table to look them up: the part of a StateStore that only reads. Another thread can have one on
 * the shared memory of a store, and look states up while the store grows.
 *
 * Lookup is by an open-addressing table of one 32-bit entry per slot: the low bits are the state's index plus one,
 * counted from the first state in memory, and the remaining bits, which a table of this size does not need for indices, are a tag from the hash. A different tag
 * avoids the comparison of states; an equal one is never conclusive: states are compared word by word.
 *
 * In another thread, `count` is the number of states at an earlier moment, from which all of them are visible here. Those
 * behind it are treated as not visited. So an entry that is missed, or read while it is written, hides a visited state
 * at worst: a state counts as visited only if it is equal to one below `count`.
 */
import { hashState } from "../packed/hash.ts";
import { type CopyWords, copyWords, type SameWords, sameWords } from "../packed/word-loops.ts";

/** Log2 of the number of states of a segment, unless a test wants small ones. */
export const SEGMENT_BITS = 16;

/** Data with which another thread follows a store. */
export interface SharedStates {
  readonly table: Uint32Array;
  /** Index of the first state in memory. */
  readonly start: number;
  /** New segments. */
  readonly segments: readonly Int32Array[];
}

/** States in the order of their discovery. The first ones may be on disk: see SpillingStore. */
export class VisitedStates {
  /** Number of states, also of those on disk. */
  count = 0;
  /** Index of the first state in memory. */
  start = 0;
  protected readonly words: number;
  protected readonly segmentBits: number;
  protected readonly copy: CopyWords;
  /** Segments, which never move. */
  protected readonly states: Int32Array[] = [];
  /** Log2 of the number of slots. */
  protected tableBits = 0;
  protected table: Uint32Array = new Uint32Array(1);
  private readonly same: SameWords;

  /**
   * @param words length of a state in 32-bit words
   * @param segmentBits log2 of the number of states of a segment
   */
  constructor(words: number, segmentBits: number = SEGMENT_BITS) {
    this.words = words;
    this.segmentBits = segmentBits;
    this.copy = copyWords(words);
    this.same = sameWords(words);
  }

  /** Number of states that the segments, and the disk, can hold. */
  get capacity(): number {
    return this.start + this.states.length * 2 ** this.segmentBits;
  }

  /** Replaces the table, drops the segments before `start`, and appends others: those of a store in another thread. */
  follow({ table, start, segments }: SharedStates): void {
    this.table = table;
    this.tableBits = Math.log2(table.length);
    this.states.splice(0, (start - this.start) / 2 ** this.segmentBits);
    this.start = start;
    this.states.push(...segments);
  }

  /**
   * Loads the memory that a lookup will read for the hashes from one index to before another. The loads of one loop do
   * not depend on each other, so their cache misses overlap; without this each lookup would wait for its own.
   *
   * @returns a number to be used, so that the loads are not optimised away
   */
  prefetch(hashes: Int32Array, from: number, end: number): number {
    const { table, tableBits, states, words, segmentBits } = this;
    const count = this.count - this.start;
    const segmentMask = (1 << segmentBits) - 1;
    const mask = table.length - 1;
    let sum = 0;
    for (let i = from; i < end; i++) {
      sum ^= table[(hashes[i] as number) & mask] as number;
    }
    for (let i = from; i < end; i++) {
      const hash = hashes[i] as number;
      const entry = table[hash & mask] as number;
      if (entry !== 0 && (entry ^ hash) >>> tableBits === 0) {
        const index = (entry & mask) - 1;
        if (index < count) {
          const segment = states[index >>> segmentBits] as Int32Array;
          const at = (index & segmentMask) * words;
          // A state may straddle the end of a cache line.
          sum ^= (segment[at] as number) ^ (segment[at + words - 1] as number);
        }
      }
    }
    return sum;
  }

  /**
   * Whether the state at `memory[offset …]` was visited.
   *
   * @param hash `hashState` of the state
   */
  has(memory: Int32Array, offset: number, hash: number = hashState(memory, offset, this.words)): boolean {
    return this.slotOf(memory, offset, hash) >= 0;
  }

  /** Index of the state at `memory[offset …]`, or -1 if it is not in memory. @param hash `hashState` of the state */
  indexOf(memory: Int32Array, offset: number, hash: number = hashState(memory, offset, this.words)): number {
    const slot = this.slotOf(memory, offset, hash);
    return slot < 0 ? -1 : this.start + ((this.table[slot] as number) & (this.table.length - 1)) - 1;
  }

  /** Copies state `index` to `memory[offset …]`. */
  load(index: number, memory: Int32Array, offset: number): void {
    const at = index - this.start;
    const within = at & ((1 << this.segmentBits) - 1);
    this.copy(this.states[at >>> this.segmentBits] as Int32Array, within * this.words, memory, offset);
  }

  /**
   * Looks up a state. Every slot is read once: another thread may be filling it.
   *
   * @returns the slot of the state, or −1 − n if it was not visited and slot n is free for it
   */
  protected slotOf(memory: Int32Array, offset: number, hash: number): number {
    const { table, tableBits, words, states, segmentBits } = this;
    const count = this.count - this.start;
    const segmentMask = (1 << segmentBits) - 1;
    const mask = table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = table[slot] as number;
      if (entry === 0) {
        return ~slot;
      }
      if ((entry ^ hash) >>> tableBits === 0) {
        const index = (entry & mask) - 1;
        if (index < count) {
          const segment = states[index >>> segmentBits] as Int32Array;
          const from = (index & segmentMask) * words;
          if (this.same(segment, from, memory, offset)) {
            return slot;
          }
        }
      }
      slot = (slot + 1) & mask;
    }
  }
}
