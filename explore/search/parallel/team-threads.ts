/** The threads of a team: hands chunks of states out to them, and takes the results back in the order of the states. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { StateStore } from "../../visited/state-store.ts";
import { GROUP } from "../expansion.ts";
import type { PropertyChecks } from "../property-checks.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { type ChunkSizes, ExpandedChunk } from "./expanded-chunk.ts";
import type { ChunkSchedule } from "./schedule.ts";
import type { News, SupervisorData, TeamData } from "./worker-data.ts";
import { WorkerLost } from "./worker-lost.ts";

/** Data that all threads of a search share. */
export type SearchData = Pick<TeamData, "source" | "outline"> & {
  readonly sizes: ChunkSizes;
  readonly schedule: ChunkSchedule;
};

/** Slots for each thread: enough that threads rarely wait for the search to take results. */
const SLOTS = 3;

/** The threads, and the chunks that are handed out. */
export class TeamThreads {
  private readonly count: number;
  private readonly schedule: ChunkSchedule;
  private readonly store: StateStore;
  private readonly checks: PropertyChecks;
  private readonly queue: ChunkQueue;
  private readonly chunks: readonly ExpandedChunk[];
  private readonly lost: MessageChannel = new MessageChannel();
  private readonly news: readonly MessagePort[];
  private readonly supervisor: Worker;
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

  /**
   * Starts the threads.
   *
   * @param count number of the threads
   * @param expanded number of states that the search has expanded
   */
  constructor(
    count: number,
    expanded: number,
    { store, checks }: { readonly store: StateStore; readonly checks: PropertyChecks },
    { source, outline, sizes, schedule }: SearchData,
  ) {
    const slots = Array.from({ length: SLOTS * count }, () => new SharedArrayBuffer(ExpandedChunk.bytesOf(sizes)));
    this.count = count;
    this.schedule = schedule;
    this.store = store;
    this.checks = checks;
    this.queue = ChunkQueue.withSlots(slots.length);
    this.chunks = slots.map((memory) => new ExpandedChunk(memory, sizes));
    const channels = Array.from({ length: count }, () => new MessageChannel());
    const ports = channels.map(({ port2 }) => port2);
    this.news = channels.map(({ port1 }) => port1);
    const { port2: lost } = this.lost;
    const team = { source, outline, numbers: this.queue.numbers, slots, sizes, expanded };
    const data: SupervisorData = { team, news: ports, lost };
    this.supervisor = new Worker(new URL("./supervisor.js", import.meta.url), {
      workerData: data,
      transferList: [...ports, lost],
    });
    this.publish();
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
    const hasAll = !this.schedule.waits || this.queue.waitForReady(this.count);
    if (!hasAll || this.queue.isWorkerLost) {
      throw this.lostWorker();
    }
    if (this.queue.ready === 0) {
      return undefined;
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
    this.queue.waitForLeft(this.count);
    void this.supervisor.terminate();
    for (const port of [this.lost.port1, ...this.news]) {
      port.close();
    }
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
    const fair = Math.ceil(left / (2 * this.count * GROUP)) * GROUP;
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
