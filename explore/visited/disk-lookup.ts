/** Looks states up in a file, in one pass over the file: most states of the file are ruled out by a bit of their hash. */
import { hashState } from "../packed/hash.ts";
import type { VisitedStates } from "./visited-states.ts";

/** Log2 of the number of bits of the filter for each state that is looked up. */
const FILTER_BITS_PER_STATE = 3;
const LEAST_FILTER_BITS = 10;
const MOST_FILTER_BITS = 31;

/** Number of states whose table entries are loaded together. */
const TOGETHER = 64;

/** Bytes that a look-up of some states takes. */
export function lookupBytes(count: number): number {
  return count + 2 ** filterBits(count) / 8;
}

function filterBits(count: number): number {
  const bits = Math.ceil(Math.log2(count + 1)) + FILTER_BITS_PER_STATE;
  return Math.min(Math.max(bits, LEAST_FILTER_BITS), MOST_FILTER_BITS);
}

/** One look-up. */
export class DiskLookup {
  /** For each state 1 if it was found. */
  readonly found: Uint8Array;
  private readonly wanted: VisitedStates;
  private readonly words: number;
  private readonly filter: Uint32Array;
  private readonly shift: number;
  private readonly hashes: Int32Array;
  private readonly places: Int32Array;
  /** Keeps the prefetching loads alive. */
  private touched = 0;

  /**
   * @param wanted the states to look up, all in memory
   * @param words length of a state in 32-bit words
   * @param segmentStates number of states of a segment
   */
  constructor(wanted: VisitedStates, words: number, segmentStates: number) {
    const bits = filterBits(wanted.count);
    this.found = new Uint8Array(wanted.count);
    this.wanted = wanted;
    this.words = words;
    this.filter = new Uint32Array(2 ** (bits - 5));
    this.shift = 32 - bits;
    this.hashes = new Int32Array(segmentStates);
    this.places = new Int32Array(segmentStates);
    const state = new Int32Array(words);
    for (let index = 0; index < wanted.count; index++) {
      wanted.load(index, state, 0);
      const bit = hashState(state, 0, words) >>> this.shift;
      this.filter[bit >>> 5] = (this.filter[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  /** Marks the states that are in a segment of the file. */
  mark(segment: Int32Array): void {
    const { words, wanted, hashes, places, found } = this;
    const candidates = this.candidatesIn(segment);
    for (let from = 0; from < candidates; from += TOGETHER) {
      const end = Math.min(from + TOGETHER, candidates);
      this.touched ^= wanted.prefetch(hashes, from, end);
      for (let i = from; i < end; i++) {
        const index = wanted.indexOf(segment, (places[i] as number) * words, hashes[i] as number);
        if (index >= 0) {
          found[index] = 1;
        }
      }
    }
  }

  /** Collects the states of a segment that pass the filter. @returns their number */
  private candidatesIn(segment: Int32Array): number {
    const { words, filter, shift, hashes, places } = this;
    const states = segment.length / words;
    let count = 0;
    for (let i = 0; i < states; i++) {
      const hash = hashState(segment, i * words, words);
      const bit = hash >>> shift;
      if ((((filter[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1) {
        hashes[count] = hash;
        places[count] = i;
        count += 1;
      }
    }
    return count;
  }
}
