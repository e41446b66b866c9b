/** Limits on the overwritten values that a state under views stores. */
import { AssumptionFailed, BeyondBounds } from "../explore/model/errors.ts";

/** Maximum number of places of a history: the bits of a set. */
export const MOST_PLACES = 30;

/** Capacities of a state. A search that needs more starts again with larger ones. */
export class ViewLimits {
  /** Places of a history, up to MOST_PLACES. */
  places = 8;
  /** Number of the newest writes to its word that a load can ignore. */
  ignored = 2;
  /**
   * Words that are loaded. For other words only the newest value is ever read, and the view that its write released.
   */
  readonly loaded: Set<number> = new Set();
  /**
   * Number of overwritten values stored for each word. In a closed machine it bounds histories of endless new
   * operations.
   */
  readonly ofEachWord: number;

  constructor(ofEachWord: number) {
    this.ofEachWord = ofEachWord;
  }

  /** @throws BeyondBounds if a state can hold no more @throws AssumptionFailed otherwise */
  requirePlaces(): never {
    if (this.places >= MOST_PLACES) {
      throw new BeyondBounds(`more than ${MOST_PLACES} overwritten values can be read at one time`);
    }
    this.places = Math.min(this.places + 6, MOST_PLACES);
    throw new AssumptionFailed("more overwritten values can be read than a state stores");
  }

  /** @throws AssumptionFailed if the word was not recorded as loaded */
  requireLoaded(word: number): void {
    if (!this.loaded.has(word)) {
      this.loaded.add(word);
      throw new AssumptionFailed("a word is loaded whose older values were not stored");
    }
  }

  /** @throws AssumptionFailed */
  requireIgnored(): never {
    this.ignored += 2;
    throw new AssumptionFailed("a load can ignore more writes than was assumed");
  }
}
