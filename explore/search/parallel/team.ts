/** The workers of a search: hands chunks of states out to them, and takes the results back in the order of the states. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Outline } from "../../checkpoint/checkpoint.ts";
import { MachineError } from "../../model/errors.ts";
import type { Machine } from "../../model/machine.ts";
import type { StateStore } from "../../visited/state-store.ts";
import { GROUP } from "../expansion.ts";
import type { PropertyChecks } from "../property-checks.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { chunkSizes, ExpandedChunk } from "./expanded-chunk.ts";
import { chunkObstacle, type ModelSource } from "./model-source.ts";
import type { News, SupervisorData, TeamData } from "./worker-data.ts";
import { WorkerLost } from "./worker-lost.ts";

/** Parts of a search. */
type SearchParts = readonly [machine: Machine, store: StateStore, checks: PropertyChecks, outline: Outline];

/** Workers of a search. */
export interface Workers {
  /** Number of threads that expand states. 1: the search expands all states itself, and starts no thread. */
  readonly count: number;
  /** Starts a team. The search gets it as a function, so that it runs without threads where there are none: in browsers. */
  readonly team: (...search: SearchParts) => Team;
}

/** Options of the workers of a search. */
export interface TeamOptions {
  readonly count: number;
  /** Origin of the model that is searched. */
  readonly source: ModelSource;
  readonly schedule?: Schedule;
}

/** Times at which states are handed out to workers. The result does not depend on them. */
export interface Schedule {
  /** Seconds after which there are workers: starting them takes as long as a short search. */
  readonly after: number;
  /** Whether to wait until all have started. Otherwise the search expands states itself meanwhile. */
  readonly waits: boolean;
  /** Smallest number of states, at the end of a level, that is worth handing out. */
  readonly least: number;
  /** Largest number of states of a chunk: a power of two, at least GROUP, that divides the interval of polls. */
  readonly most: number;
}

const DEFAULT_SCHEDULE: Schedule = { after: 2, waits: false, least: 4 * GROUP, most: 128 };

/** Slots for each worker: enough that workers rarely wait for the search to take results. */
const SLOTS = 3;

/**
 * Returns workers for a search.
 *
 * @throws MachineError when the search begins, for a machine that one thread only can search
 */
export function workersOf(options: TeamOptions): Workers {
  return { count: options.count, team: (...parts) => new Team(...parts, options) };
}

/** The threads, and the chunks that are handed out. */
export class Team {
  private readonly workers: TeamOptions;
  private readonly schedule: Schedule;
  private readonly store: StateStore;
  private readonly checks: PropertyChecks;
  private readonly queue: ChunkQueue;
  private readonly data: Omit<TeamData, "expanded">;
  private readonly chunks: readonly ExpandedChunk[];
  private readonly lost: MessageChannel = new MessageChannel();
  private readonly news: MessagePort[] = [];
  private readonly created: number = performance.now();
  private supervisor: Worker | undefined;
  /** Number of the chunk to be handed out next, and of the one to be taken next. */
  private nextOut = 0;
  private nextIn = 0;
  /** Index after the last state that was handed out. */
  private handedOut = 0;
  /** The contents of the last news. */
  private sent: { readonly table: Uint32Array | undefined; readonly capacity: number; readonly decided: number } = {
    table: undefined,
    capacity: 0,
    decided: 0,
  };

  /** @throws MachineError for a machine that one thread only can search */
  constructor(machine: Machine, store: StateStore, checks: PropertyChecks, outline: Outline, workers: TeamOptions) {
    const { count, source, schedule = DEFAULT_SCHEDULE } = workers;
    const obstacle = chunkObstacle(machine);
    if (obstacle !== undefined) {
      throw new MachineError("bad-model", `machine ${machine.name}: ${obstacle}`);
    }
    const sizes = chunkSizes(machine, schedule.most);
    const slots = Array.from({ length: SLOTS * count }, () => new SharedArrayBuffer(ExpandedChunk.bytesOf(sizes)));
    this.workers = workers;
    this.schedule = { ...schedule, most: sizes.states };
    this.store = store;
    this.checks = checks;
    this.queue = ChunkQueue.withSlots(slots.length);
    this.chunks = slots.map((memory) => new ExpandedChunk(memory, sizes));
    this.data = { source, outline, numbers: this.queue.numbers, slots, sizes };
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
    if (!this.isStarted(next)) {
      return undefined;
    }
    if (this.queue.isWorkerLost) {
      throw this.lostWorker();
    }
    this.publish();
    this.handOut(next, levelEnd);
    const chunk = this.chunkNumbered(this.nextIn);
    if (this.nextIn === this.nextOut || chunk.first !== next) {
      return undefined;
    }
    if (!this.queue.waitFor(this.nextIn)) {
      throw this.lostWorker();
    }
    return chunk;
  }

  /** To be called when the results of the chunk are no longer needed. */
  release(): void {
    this.nextIn += 1;
  }

  /** Ends the threads. */
  stop(): void {
    this.queue.close();
    if (this.supervisor !== undefined) {
      this.queue.waitForLeft(this.workers.count);
      void this.supervisor.terminate();
    }
    for (const port of [this.lost.port1, ...this.news]) {
      port.close();
    }
  }

  /** Starts the threads when it is time. @returns whether workers can expand states */
  private isStarted(expanded: number): boolean {
    const { after, waits } = this.schedule;
    if (this.supervisor === undefined) {
      if (performance.now() - this.created < 1000 * after) {
        return false;
      }
      this.start(expanded);
    }
    if (waits && !this.queue.waitForReady(this.workers.count)) {
      throw this.lostWorker();
    }
    return this.queue.isWorkerLost || this.queue.ready > 0;
  }

  /** @param expanded number of expanded states */
  private start(expanded: number): void {
    const channels = Array.from({ length: this.workers.count }, () => new MessageChannel());
    const ports = channels.map(({ port2 }) => port2);
    this.news.push(...channels.map(({ port1 }) => port1));
    const { port2: lost } = this.lost;
    const data: SupervisorData = { team: { ...this.data, expanded }, news: ports, lost };
    this.supervisor = new Worker(new URL("./supervisor.js", import.meta.url), {
      workerData: data,
      transferList: [...ports, lost],
    });
    this.publish();
  }

  /** Hands out as many states as there are slots for. */
  private handOut(next: number, levelEnd: number): void {
    this.handedOut = Math.max(this.handedOut, next);
    while (this.nextOut - this.nextIn < this.chunks.length) {
      const first = this.handedOut;
      const end = first < levelEnd ? this.endWithin(first, levelEnd) : this.endBeyond(first);
      if (end === undefined) {
        return;
      }
      this.chunkNumbered(this.nextOut).begin(first, end, this.store);
      this.nextOut += 1;
      this.handedOut = end;
      this.queue.handOut();
    }
  }

  /** The end of a chunk within the current level. Chunks become smaller at its end, so that all workers end together. */
  private endWithin(first: number, levelEnd: number): number | undefined {
    const { least, most } = this.schedule;
    const left = levelEnd - first;
    if (left < least) {
      return undefined;
    }
    const fair = Math.ceil(left / (2 * this.workers.count * GROUP)) * GROUP;
    return Math.min(levelEnd, first - (first % GROUP) + fair, multipleAfter(first, most));
  }

  /** The end of a chunk of the next level, whose end is not known: all of its states were found before. */
  private endBeyond(first: number): number | undefined {
    const end = multipleAfter(first, this.schedule.most);
    return end <= this.store.count ? end : undefined;
  }

  /** Makes the progress of the search visible to the workers. */
  private publish(): void {
    this.sendNews();
    this.queue.publish(this.store.count);
  }

  /** Sends changes to the workers, if there are any. */
  private sendNews(): void {
    const { store, checks, sent } = this;
    const { witnesses, violations } = checks;
    const shared = store.sharedFrom(sent.capacity);
    const { table } = shared;
    const decided = witnesses.length + violations.length;
    if (table === sent.table && store.capacity === sent.capacity && decided === sent.decided) {
      return;
    }
    const news: News = { shared, witnesses, violations };
    for (const port of this.news) {
      port.postMessage(news);
    }
    this.sent = { table, capacity: store.capacity, decided };
  }

  private chunkNumbered(number: number): ExpandedChunk {
    return this.chunks[number % this.chunks.length] as ExpandedChunk;
  }

  private lostWorker(): WorkerLost {
    const reason = receiveMessageOnPort(this.lost.port1)?.message ?? "for an unknown reason";
    return new WorkerLost(`a worker of the search was lost: ${reason}`);
  }
}

/** The first multiple of a power of two after a number. */
function multipleAfter(number: number, power: number): number {
  return number - (number % power) + power;
}
