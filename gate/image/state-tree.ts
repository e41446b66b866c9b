/**
 * Exact states, compressed: a state is cut into chunks, equal chunks are stored once, and a binary tree of pairs over them, equal
 * pairs once, gives each state one number. States that differ in a few chunks share the rest.
 *
 * @see Laarman, van de Pol, Weber: Parallel Recursive State Compression for Free (SPIN 2011)
 */

/** Words of a chunk. */
export const CHUNK_WORDS = 16;

const FIRST_BITS = 12;

/** Distinct records of a number of words each, numbered from 1 in the order in which they came. */
class Interned {
  private readonly words: number;
  private records: Int32Array;
  private slots: Int32Array;
  private bits: number = FIRST_BITS;
  count = 1;

  constructor(words: number) {
    this.words = words;
    this.slots = new Int32Array(1 << FIRST_BITS);
    this.records = new Int32Array((words << FIRST_BITS) >> 1);
  }

  get bytes(): number {
    return this.records.byteLength + this.slots.byteLength;
  }

  get data(): Int32Array {
    return this.records;
  }

  /** The number of the record at an offset of an array. */
  number(from: Int32Array, offset: number): number {
    const { words, records, slots } = this;
    const mask = slots.length - 1;
    let slot = hash(from, offset, words) & mask;
    for (let number = slots[slot] as number; number !== 0; number = slots[slot] as number) {
      const start = number * words;
      let i = 0;
      while (i < words && records[start + i] === from[offset + i]) {
        i++;
      }
      if (i === words) {
        return number;
      }
      slot = (slot + 1) & mask;
    }
    return this.add(from, offset, slot);
  }

  private add(from: Int32Array, offset: number, slot: number): number {
    const { words } = this;
    if (this.count * 2 >= this.slots.length) {
      this.grow();
      return this.number(from, offset);
    }
    const number = this.count++;
    for (let i = 0; i < words; i++) {
      this.records[number * words + i] = from[offset + i] as number;
    }
    this.slots[slot] = number;
    return number;
  }

  private grow(): void {
    const { words, records, count } = this;
    this.bits += 1;
    this.records = new Int32Array((words << this.bits) >> 1);
    this.records.set(records);
    this.slots = new Int32Array(1 << this.bits);
    const mask = this.slots.length - 1;
    for (let number = 1; number < count; number++) {
      let slot = hash(this.records, number * words, words) & mask;
      while (this.slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      this.slots[slot] = number;
    }
  }
}

function hash(from: Int32Array, offset: number, words: number): number {
  let value = 0x9e37_79b9;
  for (let i = 0; i < words; i++) {
    value = Math.imul(value ^ (from[offset + i] as number), 0x85eb_ca6b);
    value ^= value >>> 15;
  }
  return value ^ (value >>> 13);
}

/** The states of one memory area. */
export class StateTree {
  private readonly chunks: Interned = new Interned(CHUNK_WORDS);
  private readonly pairs: Interned = new Interned(2);
  /** Number of leaves: a power of two. */
  private readonly leaves: number;
  /** The current state: the root at 1, the children of i at 2i and 2i + 1. */
  private readonly current: Int32Array;
  /** Nodes of a state that differs from the current one, where they were recomputed. */
  private readonly next: Int32Array;
  private readonly isNext: Uint8Array;
  private readonly touched: Int32Array;
  private readonly pair: Int32Array = new Int32Array(2);
  private readonly pending: Int32Array;

  /** @param area all chunks of the first state, one after the other */
  constructor(area: Int32Array) {
    const count = area.length / CHUNK_WORDS;
    this.leaves = 2 ** Math.ceil(Math.log2(count));
    this.current = new Int32Array(2 * this.leaves);
    this.next = new Int32Array(2 * this.leaves);
    this.isNext = new Uint8Array(2 * this.leaves);
    this.touched = new Int32Array(2 * this.leaves);
    this.pending = new Int32Array(4 * Math.log2(this.leaves) + 4);
    for (let i = 0; i < count; i++) {
      this.current[this.leaves + i] = this.chunks.number(area, i * CHUNK_WORDS);
    }
    for (let i = this.leaves - 1; i >= 1; i--) {
      this.current[i] = this.pairs.number(this.current, 2 * i);
    }
  }

  get bytes(): number {
    return this.chunks.bytes + this.pairs.bytes;
  }

  /** The number of the current state. */
  get root(): number {
    return this.current[1] as number;
  }

  /**
   * The number of a state that differs from the current one in some chunks.
   *
   * @param area all chunks of that state, in words; only those that differ are read
   * @param changed positions of the chunks that differ, ascending
   */
  rootOf(area: Int32Array, changed: Uint16Array, count: number): number {
    if (count === 0) {
      return this.root;
    }
    const { current, next, isNext, touched, pair, leaves } = this;
    let end = 0;
    for (let i = 0; i < count; i++) {
      const chunk = changed[i] as number;
      next[leaves + chunk] = this.chunks.number(area, chunk * CHUNK_WORDS);
      isNext[leaves + chunk] = 1;
      touched[end++] = leaves + chunk;
    }
    // Level by level: the parents of what was touched follow it.
    for (let i = 0; i < end; i++) {
      const parent = (touched[i] as number) >> 1;
      if (parent === 0 || isNext[parent] === 1) {
        continue;
      }
      pair[0] = (isNext[2 * parent] === 1 ? next : current)[2 * parent] as number;
      pair[1] = (isNext[2 * parent + 1] === 1 ? next : current)[2 * parent + 1] as number;
      next[parent] = this.pairs.number(pair, 0);
      isNext[parent] = 1;
      touched[end++] = parent;
    }
    for (let i = 0; i < end; i++) {
      isNext[touched[i] as number] = 0;
    }
    return next[1] as number;
  }

  /**
   * Makes a state the current one.
   *
   * @param area the current state, in words, in which the chunks that differ are replaced
   */
  load(root: number, area: Int32Array): void {
    const { current, pending, leaves } = this;
    const chunks = this.chunks.data;
    const pairs = this.pairs.data;
    let end = 0;
    pending[end++] = 1;
    pending[end++] = root;
    while (end > 0) {
      const number = pending[--end] as number;
      const node = pending[--end] as number;
      if (current[node] === number) {
        continue;
      }
      current[node] = number;
      if (node >= leaves) {
        const to = (node - leaves) * CHUNK_WORDS;
        for (let i = 0; i < CHUNK_WORDS; i++) {
          area[to + i] = chunks[number * CHUNK_WORDS + i] as number;
        }
        continue;
      }
      pending[end++] = 2 * node;
      pending[end++] = pairs[2 * number] as number;
      pending[end++] = 2 * node + 1;
      pending[end++] = pairs[2 * number + 1] as number;
    }
  }
}
