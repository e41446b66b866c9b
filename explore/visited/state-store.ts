/**
 * The states visited by a search, exactly, in the order of their discovery, with their parents.
 *
 * States and parents are stored in segments of typed arrays, so they grow without being copied and beyond 2^32 bytes in
 * total. The segments of states and the table can be in shared memory, for lookups by other threads: see VisitedStates.
 */
import { hashState } from "../packed/hash.ts";
import { SEGMENT_BITS, type SharedStates, VisitedStates } from "./visited-states.ts";

/** Log2 of the number of slots of the first table, unless a segment has fewer states. */
const FIRST_TABLE_BITS = 12;
const LAST_TABLE_BITS = 31;

/** Log2 of the number of parts of a large table, which are filled one after the other with the states of a segment. */
const PARTS_BITS = 6;
/** Smaller tables are filled in the order of the states. */
const LEAST_SORTED_BITS = 20;

/** Number of states of a piece of a checkpoint. */
const BLOCK_STATES = 1 << 16;

/** The parent that is recorded for an initial state. */
export const NO_PARENT = 0xffff_ffff;

/** The visited set and the parent of each state in it. */
export class StateStore extends VisitedStates {
  private readonly Memory: typeof ArrayBuffer | typeof SharedArrayBuffer;
  protected readonly parents: Uint32Array[] = [];
  private readonly firstTableBits: number;

  /**
   * @param words length of a state in 32-bit words
   * @param isShared whether other threads look states up
   * @param segmentBits log2 of the number of states of a segment
   */
  constructor(words: number, isShared: boolean = false, segmentBits: number = SEGMENT_BITS) {
    super(words, segmentBits);
    this.Memory = isShared ? SharedArrayBuffer : ArrayBuffer;
    this.firstTableBits = Math.min(FIRST_TABLE_BITS, segmentBits);
    this.tableBits = this.firstTableBits;
    this.table = this.emptyTable();
  }

  /** Data for `follow` in another thread, which has the segments of the states before `capacity`. */
  sharedFrom(capacity: number): SharedStates {
    const { table, start, states, segmentBits } = this;
    return { table, start, segments: states.slice(Math.max(0, (capacity - start) / 2 ** segmentBits)) };
  }

  /** Calls `fail` if the state at `memory[offset …]` was not visited: at once, or when it has been looked up. */
  requireVisited(memory: Int32Array, offset: number, fail: () => void): void {
    if (!this.has(memory, offset)) {
      fail();
    }
  }

  /** Bytes that the arrays take now. */
  get bytes(): number {
    return this.table.byteLength + this.states.length * 2 ** this.segmentBits * 4 * (this.words + 1);
  }

  /** Bytes that the arrays will take with `extra` more states. */
  bytesWith(extra: number): number {
    return this.bytesFor(this.count - this.start + extra);
  }

  /** Bytes that the arrays will take without the oldest segments. */
  protected bytesWithout(segments: number): number {
    return this.bytesFor(this.count - this.start - segments * 2 ** this.segmentBits, this.firstTableBits);
  }

  private bytesFor(count: number, leastBits: number = this.tableBits): number {
    const segment = 2 ** this.segmentBits;
    const slots = 2 ** bitsFor(count, leastBits);
    return slots * 4 + Math.ceil(count / segment) * segment * 4 * (this.words + 1);
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
    this.table[~slot] = entryOf(this.tableBits, hash, index - this.start);
    if ((this.count - this.start) * 4 > this.table.length * 3) {
      this.grow();
    }
    return index;
  }

  private append(memory: Int32Array, offset: number, parent: number): number {
    const { count: index, segmentBits } = this;
    const segment = (index - this.start) >>> segmentBits;
    const at = index & ((1 << segmentBits) - 1);
    if (at === 0) {
      this.addSegment();
    }
    this.copy(memory, offset, this.states[segment] as Int32Array, at * this.words);
    (this.parents[segment] as Uint32Array)[at] = parent;
    this.count = index + 1;
    return index;
  }

  protected addSegment(): void {
    const states = 2 ** this.segmentBits;
    this.states.push(new Int32Array(new this.Memory(states * this.words * 4)));
    this.parents.push(new Uint32Array(states));
  }

  /** Removes the oldest segments. The index of each later state stays the same. */
  protected dropSegments(segments: number): void {
    this.states.splice(0, segments);
    this.parents.splice(0, segments);
    this.start += segments * 2 ** this.segmentBits;
    this.renewTable();
  }

  /** Removes all states. */
  protected clear(): void {
    this.states.length = 0;
    this.parents.length = 0;
    this.count = 0;
    this.renewTable();
  }

  private renewTable(): void {
    this.tableBits = bitsFor(this.count - this.start, this.firstTableBits);
    this.makeTable();
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
    const { tableBits, words, segmentBits } = this;
    const count = this.count - this.start;
    const segmentStates = 2 ** segmentBits;
    // In state order, successive entries would touch different pages of a large table and miss the TLB.
    const ends = new Uint32Array(tableBits < LEAST_SORTED_BITS ? 1 : 1 << PARTS_BITS);
    const hashes = new Int32Array(Math.min(count, segmentStates));
    const order = new Uint32Array(hashes.length);
    for (let first = 0; first < count; first += segmentStates) {
      const segment = this.states[first >>> segmentBits] as Int32Array;
      const length = Math.min(count - first, segmentStates);
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

  /**
   * All states and their parents: those of up to BLOCK_STATES states, then their parents, and so on. A piece is valid
   * until the next is requested.
   */
  *pieces(): Generator<Int32Array | Uint32Array> {
    const { words } = this;
    const [states, parents] = blockOf(Math.min(BLOCK_STATES, this.count), words);
    for (let from = 0; from < this.count; from += BLOCK_STATES) {
      const length = Math.min(BLOCK_STATES, this.count - from);
      for (let i = 0; i < length; i++) {
        this.load(from + i, states, i * words);
        parents[i] = this.parentOf(from + i);
      }
      yield states.subarray(0, length * words);
      yield parents.subarray(0, length);
    }
  }

  /**
   * Loads the states of another store. This store must be empty.
   *
   * @param fill fills a piece; called in the order of `pieces`
   */
  restore(count: number, fill: (piece: Int32Array | Uint32Array) => void): void {
    const { words } = this;
    const [states, parents] = blockOf(Math.min(BLOCK_STATES, count), words);
    while (this.count < count) {
      const length = Math.min(BLOCK_STATES, count - this.count);
      fill(states.subarray(0, length * words));
      fill(parents.subarray(0, length));
      for (let i = 0; i < length; i++) {
        this.append(states, i * words, parents[i] as number);
      }
    }
    this.renewTable();
  }

  /** Index of the predecessor from which `index` was first reached, or NO_PARENT. */
  parentOf(index: number): number {
    const at = index - this.start;
    return (this.parents[at >>> this.segmentBits] as Uint32Array)[at & ((1 << this.segmentBits) - 1)] as number;
  }
}

function blockOf(states: number, words: number): [Int32Array, Uint32Array] {
  return [new Int32Array(states * words), new Uint32Array(states)];
}

/** Log2 of the number of slots for some states. @param least smallest result */
function bitsFor(count: number, least: number): number {
  let bits = least;
  while (count * 4 > 2 ** bits * 3) {
    bits += 1;
  }
  return bits;
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
