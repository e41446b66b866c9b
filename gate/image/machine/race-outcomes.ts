/** Outcomes of races, of one racing of operations at a time. */
import type { ImageInstance } from "../module/image-instance.ts";
import { type Interleavings, interleavings, type RaceBounds } from "./interleavings.ts";
import type { ImageCall } from "./operation-family.ts";

/** Maximum number of outcomes of a race: more end the search. */
export const MOST_OUTCOMES = 64;

/** Operations that race, one on each CPU. */
export interface RacingCalls {
  readonly calls: readonly ImageCall[];
  readonly bounds: RaceBounds;
}

/** Result of the last search of interleavings. */
interface LastSearch {
  readonly memory: number;
  readonly racing: RacingCalls;
  readonly result: Interleavings;
}

/** Searches the interleavings of a racing once in each state: an action has a parameter for each outcome. */
export class RaceOutcomes {
  private readonly instance: ImageInstance;
  private readonly last: { search?: LastSearch; repetition?: LastSearch } = {};

  constructor(instance: ImageInstance) {
    this.instance = instance;
  }

  /** Forgets all results. Called when operations lead to states of another form. */
  clear(): void {
    delete this.last.search;
    delete this.last.repetition;
  }

  /**
   * Returns the interleavings of a racing.
   *
   * @param during steps that are executed again do not use results of the search
   * @throws BeyondBounds for too many
   */
  of(memory: number, racing: RacingCalls, during: "search" | "repetition"): Interleavings {
    const last = this.last[during];
    if (last?.memory === memory && last.racing === racing) {
      return last.result;
    }
    const result = interleavings(this.instance, memory, racing.calls, racing.bounds);
    this.last[during] = { memory, racing, result };
    return result;
  }
}
