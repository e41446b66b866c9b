/**
 * Operations that may start in a packed state. That depends on shared memory only, whose contents recur: results are
 * cached.
 */
import type { PackedMemory } from "../explore/model/packed-memory.ts";

/** Number of cache entries, each for one content of shared memory. */
const PLACES = 1 << 12;

/** The operations that may start in the current state. */
export class StartableOperations<S> {
  private readonly state: PackedMemory<S>;
  private readonly count: number;
  private readonly mayStart: (index: number) => boolean;
  /** The words of shared memory, and the masks of its bits in them. */
  private readonly words: Int32Array;
  private readonly masks: Int32Array;
  /** Length of a result in words: a bit for each operation. */
  private readonly length: number;
  private readonly keys: Int32Array;
  private readonly results: Int32Array;
  private readonly isFilled: Uint8Array = new Uint8Array(PLACES);
  /** Index of the last entry used. */
  private last = 0;

  /**
   * @param count number of operations
   * @param mayStart whether an operation may start in the current state, independent of CPUs
   */
  constructor(state: PackedMemory<S>, count: number, mayStart: (index: number) => boolean) {
    this.state = state;
    this.count = count;
    this.mayStart = mayStart;
    const masks = new Map<number, number>();
    for (const [path, { word, shift, bits }] of state.places) {
      if (!path.startsWith("cpus[")) {
        masks.set(word, (masks.get(word) ?? 0) | ((2 ** bits - 1) << shift));
      }
    }
    this.words = Int32Array.from(masks.keys());
    this.masks = Int32Array.from(masks.values());
    this.length = Math.ceil(count / 32);
    this.keys = new Int32Array(PLACES * this.words.length);
    this.results = new Int32Array(PLACES * this.length);
  }

  /** Whether an operation may start. */
  has(index: number): boolean {
    if (!this.isAt(this.last)) {
      this.lookUp();
    }
    return (((this.results[this.last * this.length + (index >> 5)] as number) >>> (index & 31)) & 1) === 1;
  }

  /** Whether an entry is for the current content of shared memory. */
  private isAt(place: number): boolean {
    const { words, masks, keys } = this;
    const { memory } = this.state;
    const from = place * words.length;
    for (let i = 0; i < words.length; i++) {
      if (keys[from + i] !== ((memory[words[i] as number] as number) & (masks[i] as number))) {
        return false;
      }
    }
    return this.isFilled[place] === 1;
  }

  /** Finds the entry for the current content of shared memory, or computes it. */
  private lookUp(): void {
    const { words, masks, keys, results, length } = this;
    const { memory } = this.state;
    let hash = 0;
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ ((memory[words[i] as number] as number) & (masks[i] as number)), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    const place = hash & (PLACES - 1);
    this.last = place;
    if (this.isAt(place)) {
      return;
    }
    this.isFilled[place] = 0;
    results.fill(0, place * length, (place + 1) * length);
    for (let index = 0; index < this.count; index++) {
      if (this.mayStart(index)) {
        const at = place * length + (index >> 5);
        results[at] = (results[at] as number) | (1 << (index & 31));
      }
    }
    for (let i = 0; i < words.length; i++) {
      keys[place * words.length + i] = (memory[words[i] as number] as number) & (masks[i] as number);
    }
    this.isFilled[place] = 1;
  }
}
