/** Times at which states are handed out to the threads of a search. Its result does not depend on them. */
import { GROUP } from "../expansion.ts";

/** Sizes of the chunks that threads expand. */
export interface ChunkSchedule {
  /** Whether to wait until all threads have started. Otherwise the search expands states itself meanwhile. */
  readonly waits: boolean;
  /** Smallest number of states, at the end of a level, that is worth handing out. */
  readonly least: number;
  /** Largest number of states of a chunk: a power of two, at least GROUP, that divides the interval of polls. */
  readonly most: number;
}

/** When threads start, and what they get. */
export interface Schedule extends ChunkSchedule {
  /** Seconds after which there are threads: starting them takes as long as a short search. */
  readonly after: number;
}

export const DEFAULT_SCHEDULE: Schedule = { after: 2, waits: false, least: 4 * GROUP, most: 128 };
