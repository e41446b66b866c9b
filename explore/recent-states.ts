/**
 * The successors that were generated last, to tell most duplicates without a look at the visited set. Neighbours in a
 * breadth-first search share successors, so that on typical machines two thirds of all transitions end here, in memory
 * that fits a processor's own cache. States are compared in full: a state that is found was generated before.
 */
const BYTES = 1 << 18;

/** A direct-mapped cache of whole states. */
export class RecentStates {
  private readonly words: number;
  private readonly mask: number;
  private readonly states: Int32Array;
  private readonly present: Uint8Array;

  /** @param words length of a state in 32-bit words */
  constructor(words: number) {
    const entries = 2 ** Math.max(8, Math.floor(Math.log2(BYTES / (4 * words))));
    this.words = words;
    this.mask = entries - 1;
    this.states = new Int32Array(entries * words);
    this.present = new Uint8Array(entries);
  }

  /**
   * Remembers the state at the start of `memory`.
   *
   * @returns whether it was there already
   */
  add(memory: Int32Array, hash: number): boolean {
    const { states, words, present } = this;
    const entry = (hash >>> 7) & this.mask;
    const offset = entry * words;
    let same = present[entry] as number;
    for (let i = 0; i < words; i++) {
      const word = memory[i] as number;
      if (states[offset + i] !== word) {
        states[offset + i] = word;
        same = 0;
      }
    }
    present[entry] = 1;
    return same !== 0;
  }
}
