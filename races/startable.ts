/** Which operations may start in a packed state. That depends on shared memory only, whose contents recur: answers are cached. */
import type { PackedMemory } from "../explore/model/packed-memory.ts";

/** Contents of shared memory whose answers are cached. */
const PLACES = 1 << 12;

/** The operations that may start in the current state. */
export class StartableOperations<S> {
  private readonly state: PackedMemory<S>;
  private readonly count: number;
  private readonly mayStart: (index: number) => boolean;
  /** The words of shared memory, and which of their bits. */
  private readonly words: Int32Array;
  private readonly masks: Int32Array;
  /** Length of an answer in words: a bit for each operation. */
  private readonly length: number;
  private readonly keys: Int32Array;
  private readonly answers: Int32Array;
  private readonly isFilled: Uint8Array = new Uint8Array(PLACES);
  /** The place of the state that was asked about last. */
  private last = 0;

  /**
   * @param count how many operations there are
   * @param mayStart whether one may start in the current state, whatever CPUs do
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
    this.answers = new Int32Array(PLACES * this.length);
  }

  /** Whether an operation may start. */
  has(index: number): boolean {
    if (!this.isAt(this.last)) {
      this.find();
    }
    return (((this.answers[this.last * this.length + (index >> 5)] as number) >>> (index & 31)) & 1) === 1;
  }

  /** Whether shared memory is what a place is about. */
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

  private find(): void {
    const { words, masks, keys, answers, length } = this;
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
    answers.fill(0, place * length, (place + 1) * length);
    for (let index = 0; index < this.count; index++) {
      if (this.mayStart(index)) {
        const at = place * length + (index >> 5);
        answers[at] = (answers[at] as number) | (1 << (index & 31));
      }
    }
    for (let i = 0; i < words.length; i++) {
      keys[place * words.length + i] = (memory[words[i] as number] as number) & (masks[i] as number);
    }
    this.isFilled[place] = 1;
  }
}
