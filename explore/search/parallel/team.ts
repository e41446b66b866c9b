/** The workers of a search: when they start, and how many. */
import type { Outline } from "../../checkpoint/checkpoint.ts";
import { MachineError } from "../../model/errors.ts";
import type { Machine } from "../../model/machine.ts";
import type { StateStore } from "../../visited/state-store.ts";
import type { PropertyChecks } from "../property-checks.ts";
import { chunkSizes, type ExpandedChunk } from "./expanded-chunk.ts";
import type { IdleThreads } from "./idle-threads.ts";
import { chunkObstacle, type ModelSource } from "./model-source.ts";
import { DEFAULT_SCHEDULE, type Schedule } from "./schedule.ts";
import { type SearchData, TeamThreads } from "./team-threads.ts";

/** Parts of a search. */
type SearchParts = readonly [machine: Machine, store: StateStore, checks: PropertyChecks, outline: Outline];

/** Workers of a search. */
export interface Workers {
  /** Largest number of threads that expand states. 1: the search expands all states itself, and starts no thread. */
  readonly count: number;
  /** Starts a team. The search gets it as a function, so that it runs without threads where there are none: in browsers. */
  readonly team: (...search: SearchParts) => Team;
}

/** Options of the workers of a search. */
export interface TeamOptions {
  /** Number of threads; or a pool, of which the search takes the idle threads, besides its own. */
  readonly threads: number | IdleThreads;
  /** Origin of the model that is searched. */
  readonly source: ModelSource;
  readonly schedule?: Schedule;
}

/** Number of states after which a search without threads tries to get some again. */
const STATES_BETWEEN_TRIES = 256;

/**
 * Returns workers for a search.
 *
 * @throws MachineError when the search begins, for a machine that one thread only can search
 */
export function workersOf(options: TeamOptions): Workers {
  const { threads } = options;
  return {
    count: typeof threads === "number" ? threads : threads.all,
    team: (...parts) => new Team(...parts, options),
  };
}

/** The team of a search, before its threads start and afterwards. */
export class Team {
  private readonly options: TeamOptions;
  private readonly schedule: Schedule;
  private readonly parts: { readonly store: StateStore; readonly checks: PropertyChecks };
  private readonly data: SearchData;
  private readonly created: number = performance.now();
  private threads: TeamThreads | undefined;
  /** Number of expanded states at which to try next whether there are threads. */
  private nextTry = 0;
  /** Number of threads that were idle and belong to this team. */
  private taken = 0;

  /** @throws MachineError for a machine that one thread only can search */
  constructor(machine: Machine, store: StateStore, checks: PropertyChecks, outline: Outline, options: TeamOptions) {
    const { source, schedule = DEFAULT_SCHEDULE } = options;
    const obstacle = chunkObstacle(machine);
    if (obstacle !== undefined) {
      throw new MachineError("bad-model", `machine ${machine.name}: ${obstacle}`);
    }
    const sizes = chunkSizes(machine, schedule.most);
    this.options = options;
    this.schedule = { ...schedule, most: sizes.states };
    this.parts = { store, checks };
    this.data = { source, outline, sizes, schedule: this.schedule };
  }

  /**
   * Hands out states, and waits for the results of the chunk that begins with the next state.
   *
   * @param next index of the state to be expanded next
   * @param levelEnd index after the last state of its level
   * @returns undefined if no chunk begins there: the search has to expand the state itself
   * @throws WorkerLost
   */
  chunkAt(next: number, levelEnd: number): ExpandedChunk | undefined {
    this.threads ??= this.start(next);
    return this.threads?.chunkAt(next, levelEnd);
  }

  /** To be called when the results of the chunk are no longer needed. */
  release(): void {
    this.threads?.release();
  }

  /** Ends the threads. */
  stop(): void {
    this.threads?.stop();
    const { threads } = this.options;
    if (typeof threads !== "number") {
      threads.giveBack(this.taken);
      this.taken = 0;
    }
  }

  /** Starts the threads when it is time, and there are any. @param expanded number of expanded states */
  private start(expanded: number): TeamThreads | undefined {
    if (expanded < this.nextTry) {
      return undefined;
    }
    this.nextTry = expanded + STATES_BETWEEN_TRIES;
    if (performance.now() - this.created < 1000 * this.schedule.after) {
      return undefined;
    }
    const count = this.takeThreads();
    return count === 0 ? undefined : new TeamThreads(count, expanded, this.parts, this.data);
  }

  /** Takes the threads that expand states. Of a pool, the search's own is one of them, unless no other is idle. */
  private takeThreads(): number {
    const { threads } = this.options;
    if (typeof threads === "number") {
      return threads;
    }
    this.taken = threads.take();
    return this.taken === 0 ? 0 : this.taken + 1;
  }
}
