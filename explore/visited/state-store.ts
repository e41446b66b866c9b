/**
 * The states visited by a search, exactly, in the order of their discovery, with their parents.
 *
 * States and parents are stored in segments of typed arrays, so they grow without being copied and beyond 2^32 bytes in
 * total. The segments of states and the table can be in shared memory, for lookups by other threads: see VisitedStates.
 */
import { hashState } from "../packed/hash.ts";
import { SEGMENT_STATES, VisitedStates } from "./visited-states.ts";

const SEGMENT_BITS = Math.log2(SEGMENT_STATES);
const SEGMENT_MASK = SEGMENT_STATES - 1;
const FIRST_TABLE_BITS = 12;
const LAST_TABLE_BITS = 31;

/** Log2 of the number of parts of a large table, which are filled one after the other with the states of a segment. */
const PARTS_BITS = 6;
/** Smaller tables are filled in the order of the states. */
const LEAST_SORTED_BITS = 20;

/** The parent that is recorded for an initial state. */
export const NO_PARENT = 0xffff_ffff;

/** The visited set and the parent of each state in it. */
export class StateStore extends VisitedStates {
  private readonly Memory: typeof ArrayBuffer | typeof SharedArrayBuffer;
  private readonly parents: Uint32Array[] = [];

  /**
   * @param words length of a state in 32-bit words
   * @param isShared whether other threads look states up
   */
  constructor(words: number, isShared: boolean = false) {
    super(words);
    this.Memory = isShared ? SharedArrayBuffer : ArrayBuffer;
    this.tableBits = FIRST_TABLE_BITS;
    this.table = this.emptyTable();
  }

  /** Data for `follow` in another thread: the table, and the segments from one on. */
  sharedFrom(segment: number): { readonly table: Uint32Array; readonly segments: readonly Int32Array[] } {
    return { table: this.table, segments: this.states.slice(segment) };
  }

  /** Bytes that the arrays take now. */
  get bytes(): number {
    return this.table.byteLength + this.states.length * SEGMENT_STATES * 4 * (this.words + 1);
  }

  /** Bytes that the arrays will take with `extra` more states. */
  bytesWith(extra: number): number {
    const count = this.count + extra;
    let slots = this.table.length;
    while (count * 4 > slots * 3) {
      slots *= 2;
    }
    return slots * 4 + Math.ceil(count / SEGMENT_STATES) * SEGMENT_STATES * 4 * (this.words + 1);
  }

  /**
   * Adds the state at `memory[offset …]` unless it was visited.
   *
   * @param hash `hashState` of the state
   * @param parent index of the predecessor, or NO_PARENT
   * @returns the new state's index, or -1 if the state was visited before
   */
  insert(memory: Int32Array, offset: number, hash: number, parent: number): number {
    const slot = this.slotOf(memory, offset, hash);
    if (slot >= 0) {
      return -1;
    }
    const index = this.append(memory, offset, parent);
    this.table[~slot] = entryOf(this.tableBits, hash, index);
    if (this.count * 4 > this.table.length * 3) {
      this.grow();
    }
    return index;
  }

  private append(memory: Int32Array, offset: number, parent: number): number {
    const index = this.count;
    const at = index & SEGMENT_MASK;
    if (at === 0) {
      this.addSegment();
    }
    this.copy(memory, offset, this.states[index >>> SEGMENT_BITS] as Int32Array, at * this.words);
    (this.parents[index >>> SEGMENT_BITS] as Uint32Array)[at] = parent;
    this.count = index + 1;
    return index;
  }

  private addSegment(): void {
    this.states.push(new Int32Array(new this.Memory(SEGMENT_STATES * this.words * 4)));
    this.parents.push(new Uint32Array(SEGMENT_STATES));
  }

  private emptyTable(): Uint32Array {
    return new Uint32Array(new this.Memory(2 ** this.tableBits * 4));
  }

  /** Doubles the table. */
  private grow(): void {
    if (this.tableBits === LAST_TABLE_BITS) {
      throw new RangeError("more states than the visited set can index; use smaller bounds or symmetry");
    }
    this.tableBits += 1;
    this.makeTable();
  }

  /** Rebuilds the table. Tags depend on its size, so all hashes are recomputed; the old table is dropped first. */
  private makeTable(): void {
    this.table = new Uint32Array(0);
    const table = this.emptyTable();
    const { count, tableBits, words } = this;
    // In state order, successive entries would touch different pages of a large table and miss the TLB.
    const ends = new Uint32Array(tableBits < LEAST_SORTED_BITS ? 1 : 1 << PARTS_BITS);
    const hashes = new Int32Array(Math.min(count, SEGMENT_STATES));
    const order = new Uint32Array(hashes.length);
    for (let first = 0; first < count; first += SEGMENT_STATES) {
      const segment = this.states[first >>> SEGMENT_BITS] as Int32Array;
      const length = Math.min(count - first, SEGMENT_STATES);
      for (let i = 0; i < length; i++) {
        hashes[i] = hashState(segment, i * words, words);
      }
      sortByPart(hashes, length, tableBits, ends, order);
      for (let i = 0; i < length; i++) {
        const at = order[i] as number;
        enter(table, tableBits, hashes[at] as number, first + at);
      }
    }
    this.table = table;
  }

  /** All states and their parents, in pieces that alias the store. */
  *pieces(): Generator<Int32Array | Uint32Array> {
    for (let from = 0; from < this.count; from += SEGMENT_STATES) {
      const length = Math.min(SEGMENT_STATES, this.count - from);
      yield (this.states[from >>> SEGMENT_BITS] as Int32Array).subarray(0, length * this.words);
      yield (this.parents[from >>> SEGMENT_BITS] as Uint32Array).subarray(0, length);
    }
  }

  /**
   * Loads the states of another store. This store must be empty.
   *
   * @param fill fills a piece; called in the order of `pieces`
   */
  restore(count: number, fill: (piece: Int32Array | Uint32Array) => void): void {
    for (let from = 0; from < count; from += SEGMENT_STATES) {
      this.addSegment();
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

  /** Index of the predecessor from which `index` was first reached, or NO_PARENT. */
  parentOf(index: number): number {
    return (this.parents[index >>> SEGMENT_BITS] as Uint32Array)[index & SEGMENT_MASK] as number;
  }
}

/** The table entry of a state. */
function entryOf(tableBits: number, hash: number, index: number): number {
  return ((hash >>> tableBits) << tableBits) | (index + 1);
}

/** Inserts a state that the table lacks. */
function enter(table: Uint32Array, tableBits: number, hash: number, index: number): void {
  const mask = table.length - 1;
  let slot = hash & mask;
  while (table[slot] !== 0) {
    slot = (slot + 1) & mask;
  }
  table[slot] = entryOf(tableBits, hash, index);
}

/**
 * Sorts states by the part of the table that their hashes select: a counting sort.
 *
 * @param ends one element for each part; overwritten
 * @param order receives the positions of the states
 */
function sortByPart(hashes: Int32Array, count: number, tableBits: number, ends: Uint32Array, order: Uint32Array): void {
  const mask = 2 ** tableBits - 1;
  const shift = tableBits - Math.log2(ends.length);
  ends.fill(0);
  for (let i = 0; i < count; i++) {
    const part = ((hashes[i] as number) & mask) >>> shift;
    ends[part] = (ends[part] as number) + 1;
  }
  for (let part = 1; part < ends.length; part++) {
    ends[part] = (ends[part] as number) + (ends[part - 1] as number);
  }
  for (let i = count - 1; i >= 0; i--) {
    const part = ((hashes[i] as number) & mask) >>> shift;
    const at = (ends[part] as number) - 1;
    ends[part] = at;
    order[at] = i;
  }
}
