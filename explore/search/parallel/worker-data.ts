/** Data that the threads of a search exchange. */
import type { MessagePort } from "node:worker_threads";
import type { Outline } from "../../checkpoint/checkpoint.ts";
import type { Discovery } from "../../checkpoint/position.ts";
import type { SharedStates } from "../../visited/visited-states.ts";
import type { ChunkSizes } from "./expanded-chunk.ts";
import type { ModelSource } from "./model-source.ts";

/** Data of all workers of a search. */
export interface TeamData {
  readonly source: ModelSource;
  /** The machine and the options of the search: those of the worker must be equal. */
  readonly outline: Outline;
  /** Numbers of the queue. */
  readonly numbers: Int32Array;
  /** Memory of the slots for results. */
  readonly slots: readonly SharedArrayBuffer[];
  readonly sizes: ChunkSizes;
  /** Number of states whose successors are all visited. */
  readonly expanded: number;
}

/** Data of one worker. */
export interface WorkerData extends TeamData {
  /** Receives News. */
  readonly news: MessagePort;
}

/** Data of the supervisor. */
export interface SupervisorData {
  readonly team: TeamData;
  /** For each worker, the port for its news. */
  readonly news: readonly MessagePort[];
  /** Sends the reason, a text, when a worker is lost. */
  readonly lost: MessagePort;
}

/** Changes of the search since the last news. */
export interface News {
  /** The table, and new segments of states. */
  readonly shared: SharedStates;
  /** All witnesses. */
  readonly witnesses: readonly Discovery[];
  /** All violations. */
  readonly violations: readonly Discovery[];
}
