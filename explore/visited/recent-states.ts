/**
 * Cache of recently generated successors: detects most duplicates without a lookup in the visited set. Neighbours in a
 * breadth-first search share successors, so that on typical machines two thirds of all transitions end here, in memory
 * that fits a processor's cache. States are compared in full: a hit is a state that was generated before.
 *
 * The cache is direct-mapped: a state has one place, `(hash >>> RECENT_SHIFT) & mask`. Lookup and update are part of
 * the generated loop in successors.ts.
 */
import { hashState } from "../packed/hash.ts";

const BYTES = 1 << 18;

/** Low bits of the hash that do not select the place; the visited set uses those first. */
export const RECENT_SHIFT = 7;

/** The cache. */
export interface RecentStates {
  readonly states: Int32Array;
  /** Number of places minus one. */
  readonly mask: number;
}

/**
 * An empty cache.
 *
 * @param words length of a state in 32-bit words
 */
export function recentStates(words: number): RecentStates {
  const places = 2 ** Math.max(8, Math.floor(Math.log2(BYTES / (4 * words))));
  const mask = places - 1;
  const states = new Int32Array(places * words);
  const placeOf = (filler: number): number =>
    (hashState(new Int32Array(words).fill(filler), 0, words) >>> RECENT_SHIFT) & mask;
  // Every place initially holds the all-zero state, which no search has generated yet. That is harmless in places other
  // than its own; its own place is filled with another state that does not belong there.
  const zero = placeOf(0);
  let filler = 1;
  while (placeOf(filler) === zero) {
    filler += 1;
  }
  states.fill(filler, zero * words, (zero + 1) * words);
  return { states, mask };
}
