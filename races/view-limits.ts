/** How much of overwritten values a state under views can remember. */
import { AssumptionFailed, BeyondBounds } from "../explore/model/errors.ts";

/** Most places of a history: the bits of a set. */
export const MOST_PLACES = 30;

/** How much a state can remember. A search that needs more begins again with more. */
export class ViewLimits {
  /** Places of a history: at most MOST_PLACES. */
  places = 8;
  /** How many of the newest writes to its word a load can ignore. */
  ignored = 2;
  /** Words that loads read. Of others only the newest value is ever read, and what the newest write released. */
  readonly loaded: Set<number> = new Set();
  /** How many overwritten values of each word are remembered: an operation may begin, and see nothing, for ever. */
  readonly ofEachWord: number;

  constructor(ofEachWord: number) {
    this.ofEachWord = ofEachWord;
  }

  /** @throws BeyondBounds where a state can hold no more @throws AssumptionFailed */
  needPlaces(): never {
    if (this.places >= MOST_PLACES) {
      throw new BeyondBounds(`more than ${MOST_PLACES} overwritten values can be read at one time`);
    }
    this.places = Math.min(this.places + 6, MOST_PLACES);
    throw new AssumptionFailed("more overwritten values can be read than a state remembers");
  }

  /** @throws AssumptionFailed when the word was not known to be loaded */
  needLoaded(word: number): void {
    if (!this.loaded.has(word)) {
      this.loaded.add(word);
      throw new AssumptionFailed("a word is loaded whose older values were not remembered");
    }
  }

  /** @throws AssumptionFailed */
  needIgnored(): never {
    this.ignored += 2;
    throw new AssumptionFailed("a load can ignore more writes than was thought");
  }
}
