/**
 * Successors that are not in memory, and of which it is not known yet whether they are on disk. Each is recorded once,
 * with the first state and action that led to it.
 */
import { NO_PARENT, StateStore } from "./state-store.ts";

/** Successors of states: see ExpandedChunk. */
export interface Successors {
  readonly states: Int32Array;
  readonly hashes: Int32Array;
  readonly via: Int32Array;
  readonly evaluated: Int32Array;
  readonly evaluatedWords: number;
}

/** The pending states, in the order of their discovery. */
export class PendingStates extends StateStore {
  private readonly evaluatedWords: number;
  /** For each segment: indices of the actions that led to its states. */
  private readonly via: Int32Array[] = [];
  /** For each segment: bits of the properties that were evaluated on its states, with a true premise. */
  private readonly evaluated: Int32Array[] = [];

  constructor(words: number, segmentBits: number, properties: number) {
    super(words, false, segmentBits);
    this.evaluatedWords = Math.ceil(properties / 32);
  }

  override get bytes(): number {
    return super.bytes + this.bytesBesides(this.states.length);
  }

  override bytesWith(extra: number): number {
    return super.bytesWith(extra) + this.bytesBesides(Math.ceil((this.count + extra) / 2 ** this.segmentBits));
  }

  /** Adds a successor unless it is pending already. @returns whether it was added */
  add({ states, hashes, via, evaluated }: Successors, successor: number, parent: number): boolean {
    const { words, evaluatedWords, segmentBits } = this;
    const index = this.insert(states, successor * words, hashes[successor] as number, parent);
    if (index < 0) {
      return false;
    }
    const segment = index >>> segmentBits;
    const at = index & ((1 << segmentBits) - 1);
    (this.via[segment] as Int32Array)[at] = via[successor] as number;
    const bits = this.evaluated[segment] as Int32Array;
    for (let word = 0; word < evaluatedWords; word++) {
      bits[at * evaluatedWords + word] = evaluated[successor * evaluatedWords + word] as number;
    }
    return true;
  }

  /** Adds the state at `memory[offset …]` unless it is pending already, for a look-up only. @returns its index, or -1 */
  addForLookup(memory: Int32Array, offset: number, hash: number): number {
    return this.insert(memory, offset, hash, NO_PARENT);
  }

  /** Index of the action that led to a state. */
  viaOf(index: number): number {
    return (this.via[index >>> this.segmentBits] as Int32Array)[index & ((1 << this.segmentBits) - 1)] as number;
  }

  /** Whether a property was evaluated on a state, with a true premise. */
  wasEvaluated(property: number, index: number): boolean {
    const bits = this.evaluated[index >>> this.segmentBits] as Int32Array;
    const at = (index & ((1 << this.segmentBits) - 1)) * this.evaluatedWords + (property >> 5);
    return (((bits[at] as number) >>> (property & 31)) & 1) === 1;
  }

  override clear(): void {
    this.via.length = 0;
    this.evaluated.length = 0;
    super.clear();
  }

  protected override addSegment(): void {
    super.addSegment();
    this.via.push(new Int32Array(2 ** this.segmentBits));
    this.evaluated.push(new Int32Array(2 ** this.segmentBits * this.evaluatedWords));
  }

  private bytesBesides(segments: number): number {
    return segments * 2 ** this.segmentBits * 4 * (1 + this.evaluatedWords);
  }
}
