/**
 * The states that a search has visited, exactly, in the order it found them.
 *
 * States and parents lie in segments of typed arrays, so they grow without being copied and past 2^32 bytes in all.
 * A state is found through an open-addressing table of one 32-bit entry per slot: the low bits are the state's index
 * plus one, and the bits above them, which a table of this size does not need for indices, are a tag from the hash.
 * A wrong tag saves looking at the state; a matching one never decides: states are compared word by word.
 */
import { hashState } from "./hash.ts";

const SEGMENT_BITS = 16;
const SEGMENT_STATES = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENT_STATES - 1;
const FIRST_TABLE_BITS = 12;
const LAST_TABLE_BITS = 31;

/** States whose slots of a new table are found together: a part of a segment. */
const REHASHED_TOGETHER = 64;
const rehashed = new Int32Array(REHASHED_TOGETHER);

/** The parent that is recorded for an initial state. */
export const NO_PARENT = 0xffff_ffff;

/** The visited set and the parent of each state in it. */
export class StateStore {
  private readonly words: number;
  private readonly states: Int32Array[] = [];
  private readonly parents: Uint32Array[] = [];
  private tableBits: number = FIRST_TABLE_BITS;
  private table: Uint32Array = new Uint32Array(1 << FIRST_TABLE_BITS);
  /** Number of states. */
  count = 0;
  /** Keeps loads from being optimised away. */
  touched = 0;

  /** @param words length of a state in 32-bit words */
  constructor(words: number) {
    this.words = words;
  }

  /** Bytes that the arrays take now. */
  get bytes(): number {
    return this.table.byteLength + this.states.length * SEGMENT_STATES * 4 * (this.words + 1);
  }

  /** Bytes that the arrays will take once `extra` more states are in. */
  bytesWith(extra: number): number {
    const count = this.count + extra;
    let slots = this.table.length;
    while (count * 4 > slots * 3) {
      slots *= 2;
    }
    return slots * 4 + Math.ceil(count / SEGMENT_STATES) * SEGMENT_STATES * 4 * (this.words + 1);
  }

  /**
   * Touches what `insert` will look at for each of `count` hashes. The loads of one round do not depend on each other,
   * so their cache misses overlap; without this each insert would wait for its own.
   *
   * @returns a number to be used, so that the loads are not optimised away
   */
  prefetch(hashes: Int32Array, count: number): number {
    const { table, tableBits, states, words } = this;
    const mask = table.length - 1;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum ^= table[(hashes[i] as number) & mask] as number;
    }
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      const entry = table[hash & mask] as number;
      if (entry !== 0 && (entry ^ hash) >>> tableBits === 0) {
        const index = (entry & mask) - 1;
        sum ^= (states[index >>> SEGMENT_BITS] as Int32Array)[(index & SEGMENT_MASK) * words] as number;
      }
    }
    return sum;
  }

  /**
   * Adds the state at `memory[offset …]` unless it is known.
   *
   * @param hash `hashState` of the state
   * @param parent index of the state it was reached from, or NO_PARENT
   * @returns the new state's index, or -1 when the state was known
   */
  insert(memory: Int32Array, offset: number, hash: number, parent: number): number {
    const slot = this.slotOf(memory, offset, hash);
    if (this.table[slot] !== 0) {
      return -1;
    }
    const index = this.append(memory, offset, parent);
    this.table[slot] = ((hash >>> this.tableBits) << this.tableBits) | (index + 1);
    if (this.count * 4 > this.table.length * 3) {
      this.grow();
    }
    return index;
  }

  /** Whether the state at `memory[offset …]` is known. */
  has(memory: Int32Array, offset: number): boolean {
    return this.indexOf(memory, offset) >= 0;
  }

  /** Index of the state at `memory[offset …]`, or -1 when it is not known. */
  indexOf(memory: Int32Array, offset: number): number {
    const entry = this.table[this.slotOf(memory, offset, hashState(memory, offset, this.words))] as number;
    return entry === 0 ? -1 : (entry & (this.table.length - 1)) - 1;
  }

  /** The slot that holds the state, or the free slot where it belongs. */
  private slotOf(memory: Int32Array, offset: number, hash: number): number {
    const { table, tableBits, words, states } = this;
    const mask = table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = table[slot] as number;
      if (entry === 0) {
        return slot;
      }
      if ((entry ^ hash) >>> tableBits === 0) {
        const index = (entry & mask) - 1;
        const segment = states[index >>> SEGMENT_BITS] as Int32Array;
        const from = (index & SEGMENT_MASK) * words;
        let same = 0;
        while (same < words && segment[from + same] === memory[offset + same]) {
          same++;
        }
        if (same === words) {
          return slot;
        }
      }
      slot = (slot + 1) & mask;
    }
  }

  private append(memory: Int32Array, offset: number, parent: number): number {
    const index = this.count;
    const at = index & SEGMENT_MASK;
    if (at === 0) {
      this.states.push(new Int32Array(SEGMENT_STATES * this.words));
      this.parents.push(new Uint32Array(SEGMENT_STATES));
    }
    const segment = this.states[index >>> SEGMENT_BITS] as Int32Array;
    for (let i = 0; i < this.words; i++) {
      segment[at * this.words + i] = memory[offset + i] as number;
    }
    (this.parents[index >>> SEGMENT_BITS] as Uint32Array)[at] = parent;
    this.count = index + 1;
    return index;
  }

  /** Doubles the table. */
  private grow(): void {
    if (this.tableBits === LAST_TABLE_BITS) {
      throw new RangeError("more states than the visited set can index; use smaller bounds or symmetry");
    }
    this.tableBits += 1;
    this.makeTable();
  }

  /** Makes the table anew. Tags depend on its size, so all hashes are computed again; the old table is dropped first. */
  private makeTable(): void {
    this.table = new Uint32Array(0);
    const table = new Uint32Array(2 ** this.tableBits);
    const mask = table.length - 1;
    const { words, tableBits, count } = this;
    for (let from = 0; from < count; from += REHASHED_TOGETHER) {
      const end = Math.min(from + REHASHED_TOGETHER, count);
      const segment = this.states[from >>> SEGMENT_BITS] as Int32Array;
      // The slots of all of them are loaded before any is used, so that their cache misses overlap.
      for (let index = from; index < end; index++) {
        const hash = hashState(segment, (index & SEGMENT_MASK) * words, words);
        rehashed[index - from] = hash;
        this.touched ^= table[hash & mask] as number;
      }
      for (let index = from; index < end; index++) {
        const hash = rehashed[index - from] as number;
        let slot = hash & mask;
        while (table[slot] !== 0) {
          slot = (slot + 1) & mask;
        }
        table[slot] = ((hash >>> tableBits) << tableBits) | (index + 1);
      }
    }
    this.table = table;
  }

  /** All states and their parents, in pieces that are parts of the store itself. */
  *pieces(): Generator<Int32Array | Uint32Array> {
    for (let from = 0; from < this.count; from += SEGMENT_STATES) {
      const length = Math.min(SEGMENT_STATES, this.count - from);
      yield (this.states[from >>> SEGMENT_BITS] as Int32Array).subarray(0, length * this.words);
      yield (this.parents[from >>> SEGMENT_BITS] as Uint32Array).subarray(0, length);
    }
  }

  /**
   * Takes in states that another store gave away. This store must be empty.
   *
   * @param fill fills the pieces, in the order of `pieces`
   */
  restore(count: number, fill: (piece: Int32Array | Uint32Array) => void): void {
    for (let from = 0; from < count; from += SEGMENT_STATES) {
      this.states.push(new Int32Array(SEGMENT_STATES * this.words));
      this.parents.push(new Uint32Array(SEGMENT_STATES));
      this.count = Math.min(from + SEGMENT_STATES, count);
      const length = this.count - from;
      fill((this.states.at(-1) as Int32Array).subarray(0, length * this.words));
      fill((this.parents.at(-1) as Uint32Array).subarray(0, length));
    }
    while (this.count * 4 > 2 ** this.tableBits * 3) {
      this.tableBits += 1;
    }
    this.makeTable();
  }

  /** Copies state `index` to `memory[offset …]`. */
  load(index: number, memory: Int32Array, offset: number): void {
    const segment = this.states[index >>> SEGMENT_BITS] as Int32Array;
    const from = (index & SEGMENT_MASK) * this.words;
    for (let i = 0; i < this.words; i++) {
      memory[offset + i] = segment[from + i] as number;
    }
  }

  /** Index of the state that `index` was first reached from, or NO_PARENT. */
  parentOf(index: number): number {
    return (this.parents[index >>> SEGMENT_BITS] as Uint32Array)[index & SEGMENT_MASK] as number;
  }
}
