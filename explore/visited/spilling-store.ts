/**
 * Visited states of which the oldest are on disk: delayed duplicate detection, as in Stern and Dill, "Using magnetic
 * disk instead of main memory in the Murφ verifier" (CAV 1998).
 *
 * The newest states are in memory. A successor that is not among them is pending until all pending states are looked up
 * on disk, in one pass over the file. Those that are not there are new, and become visited states in the order of their
 * discovery: they get the numbers and parents that they would have in memory.
 */
import { hashState } from "../packed/hash.ts";
import { DiskLookup, lookupBytes } from "./disk-lookup.ts";
import { PendingStates, type Successors } from "./pending-states.ts";
import type { StateFile } from "./state-file.ts";
import { StateStore } from "./state-store.ts";
import { SEGMENT_BITS } from "./visited-states.ts";

/** Where a search moves states when its memory is full. */
export interface Spill {
  /** Opens an empty file. @param segmentStates number of states of a segment @throws SpillFailed */
  readonly open: (words: number, segmentStates: number) => StateFile;
  /** Log2 of the number of states of a segment, if not the usual one: for tests. */
  readonly segmentBits?: number;
  /** Number of states that are expanded before memory is checked, if not the usual one: for tests. */
  readonly chunk?: number;
}

/**
 * Parts of the limit on memory: a search that has to look states up because its memory is full, and has visited states
 * in more than the first part, moves as many of them to disk as leaves the second part.
 */
const MOST_IN_MEMORY = 1 / 2;
const LEFT_IN_MEMORY = 1 / 4;

/** Largest number of states: the numbers of states are 32-bit integers in some places. */
const MOST_STATES = 2 ** 31 - 1;

/** Visited states in memory and on disk. */
export class SpillingStore extends StateStore {
  readonly pending: PendingStates;
  readonly spill: Spill;
  private readonly limit: number;
  private file: StateFile | undefined;
  /** Largest size of all arrays so far. */
  private most = 0;
  /** For each pending state 1 if it is on disk; undefined unless they were looked up. */
  private onDisk: Uint8Array | undefined;
  /** For pending states that must be on disk: called if one is not. */
  private readonly required: Map<number, () => void> = new Map();
  /** The segment of states that was read last, and that of parents. */
  private readonly read: { states: Int32Array; parents: Uint32Array; statesOf: number; parentsOf: number } = {
    states: new Int32Array(0),
    parents: new Uint32Array(0),
    statesOf: -1,
    parentsOf: -1,
  };

  /**
   * @param properties number of the machine's properties
   * @param limit limit on memory, in bytes
   */
  constructor(
    words: number,
    isShared: boolean,
    { spill, properties, limit }: { readonly spill: Spill; readonly properties: number; readonly limit: number },
  ) {
    const { segmentBits = SEGMENT_BITS } = spill;
    super(words, isShared, segmentBits);
    this.spill = spill;
    this.limit = limit;
    this.pending = new PendingStates(words, segmentBits, properties);
  }

  /** Whether there are states on disk. */
  get isSpilled(): boolean {
    return this.start > 0;
  }

  /** Largest size of all arrays so far. */
  override get bytes(): number {
    const { pending } = this;
    const now = super.bytes + (this.isSpilled ? pending.bytes + lookupBytes(pending.count) + this.readBytes : 0);
    this.most = Math.max(this.most, now);
    return this.most;
  }

  /** Bytes that all arrays will take when `extra` more states are pending, or visited. */
  override bytesWith(extra: number): number {
    if (!this.isSpilled) {
      return super.bytesWith(extra);
    }
    // All pending states may turn out to be new.
    const count = this.pending.count + extra;
    return super.bytesWith(count) + this.pending.bytesWith(extra) + lookupBytes(count) + this.readBytes;
  }

  /** Whether there is memory for more states. */
  hasRoomFor(extra: number): boolean {
    return this.bytesWith(extra) <= this.limit;
  }

  /**
   * To be called when there is no room for more states, and nothing is pending: moves states to disk, unless most of the
   * memory is free now.
   *
   * @param extra number of states for which there should be room
   * @returns whether there is
   * @throws SpillFailed when states cannot be moved; then some are in memory that should have been moved
   */
  makeRoom(extra: number): boolean {
    if (!this.hasRoomFor(extra) || super.bytesWith(0) > this.limit * MOST_IN_MEMORY) {
      this.moveToDisk((moved) => this.bytesWithout(moved) <= this.limit * LEFT_IN_MEMORY);
    }
    if (!this.hasRoomFor(extra)) {
      this.moveToDisk(() => false);
    }
    return this.hasRoomFor(extra);
  }

  override load(index: number, memory: Int32Array, offset: number): void {
    if (index >= this.start) {
      super.load(index, memory, offset);
      return;
    }
    const { read, words, segmentBits } = this;
    const segment = index >>> segmentBits;
    if (read.statesOf !== segment) {
      this.readStates(segment);
    }
    this.copy(read.states, (index & ((1 << segmentBits) - 1)) * words, memory, offset);
  }

  override parentOf(index: number): number {
    if (index >= this.start) {
      return super.parentOf(index);
    }
    const { read, segmentBits } = this;
    const segment = index >>> segmentBits;
    if (read.parentsOf !== segment) {
      read.parentsOf = -1;
      this.file?.readParents(segment, read.parents);
      read.parentsOf = segment;
    }
    return read.parents[index & ((1 << segmentBits) - 1)] as number;
  }

  /** Whether the state at `memory[offset …]` is known to be visited or pending. If not, it may be on disk. */
  override has(memory: Int32Array, offset: number, hash: number = hashState(memory, offset, this.words)): boolean {
    return super.has(memory, offset, hash) || (this.isSpilled && this.pending.has(memory, offset, hash));
  }

  /** Adds a state unless it was visited. With states on disk, it must be among the pending ones, which were looked up. */
  override insert(memory: Int32Array, offset: number, hash: number, parent: number): number {
    if (!this.isSpilled) {
      return super.insert(memory, offset, hash, parent);
    }
    if (super.has(memory, offset, hash) || this.isKnownOnDisk(memory, offset, hash)) {
      return -1;
    }
    return this.add(memory, offset, hash, parent);
  }

  override requireVisited(memory: Int32Array, offset: number, fail: () => void): void {
    const hash = hashState(memory, offset, this.words);
    if (super.has(memory, offset, hash)) {
      return;
    }
    if (!this.isSpilled) {
      fail();
    } else if (this.onDisk !== undefined) {
      const index = this.pending.indexOf(memory, offset, hash);
      if (index < 0 || this.onDisk[index] !== 1) {
        fail();
      }
    } else {
      const index = this.pending.addForLookup(memory, offset, hash);
      if (index >= 0) {
        this.required.set(index, fail);
      }
    }
  }

  /**
   * Adds a successor to the pending states, unless it is in memory.
   *
   * @returns whether it was added
   */
  postpone(successors: Successors, successor: number, parent: number): boolean {
    const { states, hashes } = successors;
    return (
      !super.has(states, successor * this.words, hashes[successor] as number) &&
      this.pending.add(successors, successor, parent)
    );
  }

  /** Looks the pending states up on disk, so that they can be inserted until the next call of `settle`. */
  lookUp(): void {
    const { pending, read, segmentBits } = this;
    const lookup = new DiskLookup(pending, this.words, 2 ** segmentBits);
    const segments = this.start / 2 ** segmentBits;
    for (let segment = 0; pending.count > 0 && segment < segments; segment++) {
      this.readStates(segment);
      lookup.mark(read.states);
    }
    this.onDisk = lookup.found;
  }

  /**
   * Looks the pending states up, unless that was done, and adds those that are new to the visited states. Nothing is
   * pending then.
   *
   * @param decided called for each, in the order of their discovery, except those that were only required to be on disk
   */
  settle(decided: (index: number, isNew: boolean) => void): void {
    const { pending, required, words } = this;
    this.forgetLookedUp();
    if (pending.count === 0) {
      return;
    }
    this.lookUp();
    const state = new Int32Array(words);
    for (let index = 0; index < pending.count; index++) {
      const isNew = this.onDisk?.[index] !== 1;
      const fail = required.get(index);
      if (fail !== undefined) {
        if (isNew) {
          fail();
        }
        continue;
      }
      if (isNew) {
        pending.load(index, state, 0);
        this.add(state, 0, hashState(state, 0, words), pending.parentOf(index));
      }
      decided(index, isNew);
    }
    this.forgetPending();
  }

  /** Removes the pending states if they were looked up: then they were inserted as far as they are new. */
  forgetLookedUp(): void {
    if (this.onDisk !== undefined) {
      this.forgetPending();
    }
  }

  override restore(count: number, fill: (piece: Int32Array | Uint32Array) => void): void {
    super.restore(count, (piece) => {
      if (!this.hasRoomFor(piece.length)) {
        this.makeRoom(piece.length);
      }
      fill(piece);
    });
  }

  /** Closes the file. */
  close(): void {
    this.file?.close();
  }

  private forgetPending(): void {
    this.most = this.bytes;
    this.pending.clear();
    this.required.clear();
    this.onDisk = undefined;
  }

  private get readBytes(): number {
    return 4 * (this.read.states.length + this.read.parents.length);
  }

  private add(memory: Int32Array, offset: number, hash: number, parent: number): number {
    if (this.count === MOST_STATES) {
      throw new RangeError("more states than a search with states on disk can number");
    }
    return super.insert(memory, offset, hash, parent);
  }

  private isKnownOnDisk(memory: Int32Array, offset: number, hash: number): boolean {
    const index = this.pending.indexOf(memory, offset, hash);
    if (index < 0 || this.onDisk === undefined) {
      throw new Error("a state is added that was not looked up on disk");
    }
    return this.onDisk[index] === 1;
  }

  private readStates(segment: number): void {
    const { read } = this;
    read.statesOf = -1;
    this.file?.readStates(segment, read.states);
    read.statesOf = segment;
  }

  /** Moves the oldest full segments to disk, at least one if there is one. @param areEnough whether some are enough */
  private moveToDisk(areEnough: (segments: number) => boolean): void {
    const segmentStates = 2 ** this.segmentBits;
    const full = Math.floor((this.count - this.start) / segmentStates);
    if (full === 0) {
      return;
    }
    this.most = this.bytes;
    let moved = 1;
    while (moved < full && !areEnough(moved)) {
      moved += 1;
    }
    if (this.file === undefined) {
      this.file = this.spill.open(this.words, segmentStates);
      this.read.states = new Int32Array(segmentStates * this.words);
      this.read.parents = new Uint32Array(segmentStates);
    }
    let written = 0;
    try {
      for (; written < moved; written++) {
        this.file.append(this.states[written] as Int32Array, this.parents[written] as Uint32Array);
      }
    } finally {
      this.dropSegments(written);
    }
  }
}
