/** Runs jobs in workers, a few at a time. The reports come in the order of the jobs, whatever the number of workers. */
import { Worker } from "node:worker_threads";
import type { ErrorPlace } from "../explore/model/errors.ts";
import type { Progress } from "../explore/search/search.ts";
import type { Job } from "./job/job.ts";
import type { RunReport } from "./report/report.ts";
import type { WorkerData, WorkerMessage } from "./worker.ts";

/** The part of an AbortSignal that a pool needs. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** What the owner of a pool is told, and how it stops the pool. */
export interface PoolOptions {
  /** Jobs to run at one time. */
  readonly workers: number;
  readonly onProgress?: (job: number, progress: Progress) => void;
  readonly onReport?: (job: number, report: RunReport) => void;
  /** Ends every run as interrupted; jobs that have not started report no states. */
  readonly signal?: StopSignal;
}

/** A job failed for a reason that is no property's: the machine broke the explorer's rules, or the explorer has a bug. */
export class JobFailure extends Error {
  /** Code of the MachineError, if it was one. */
  readonly code: string | undefined;
  /** Where in the machine it happened, if it was one. */
  readonly place: ErrorPlace;
  constructor(message: string, code: string | undefined, stack: string, place: ErrorPlace = {}) {
    super(message);
    this.code = code;
    this.place = place;
    this.stack = stack;
  }
}

/**
 * Runs the jobs.
 *
 * @throws JobFailure when a job fails; the others are stopped
 */
export async function runJobs(jobs: readonly Job[], options: PoolOptions): Promise<RunReport[]> {
  const pool = new Pool(options);
  try {
    return await pool.run(jobs);
  } finally {
    pool.stop();
  }
}

/**
 * After a search that takes less, its thread takes another job of the same machine: to load the code takes a quarter of a second, and
 * so does V8 to optimise it. After longer ones memory is worth more.
 */
const SHORT_SECONDS = 2;

/** A job that waits for a worker, or has one. */
interface Task {
  readonly index: number;
  readonly job: Job;
  readonly resolve: (report: RunReport) => void;
  readonly reject: (error: unknown) => void;
}

/** Workers for jobs that come in several batches. It listens to its signal until it is stopped. */
export class Pool {
  private readonly options: PoolOptions;
  private readonly stopped: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting: Task[] = [];
  private running = 0;
  private known = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(options: PoolOptions) {
    this.options = options;
    options.signal?.addEventListener("abort", this.stop);
    if (options.signal?.aborted === true) {
      this.stop();
    }
  }

  /** How many jobs it was ever given. */
  get jobs(): number {
    return this.known;
  }

  /**
   * Runs a batch, together with those that are under way. To `onProgress` and `onReport` the jobs of all batches are numbered
   * from 0.
   *
   * @throws JobFailure when a job of any batch fails; the others are stopped
   */
  async run(jobs: readonly Job[]): Promise<RunReport[]> {
    const outcomes = await Promise.allSettled(jobs.map((job) => this.reportOf(job)));
    return outcomes.map((outcome) => {
      if (outcome.status === "rejected") {
        throw outcome.reason;
      }
      return outcome.value;
    });
  }

  /** Ends every run as interrupted; jobs that have not started report no states. */
  readonly stop = (): void => {
    Atomics.store(this.stopped, 0, 1);
    this.options.signal?.removeEventListener("abort", this.stop);
  };

  private reportOf(job: Job): Promise<RunReport> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ index: this.known, job, resolve, reject });
      this.known += 1;
      this.startNext();
    });
  }

  private startNext(): void {
    while (this.running < this.options.workers) {
      const task = this.waiting.shift();
      if (task === undefined) {
        return;
      }
      this.running += 1;
      void this.perform(task);
    }
  }

  /** Performs a task, and in the same thread others of its machine that wait, as long as they are short. */
  private async perform(first: Task): Promise<void> {
    const thread = new JobThread(this.stopped);
    try {
      for (let task: Task | undefined = first; task !== undefined; ) {
        const report = await this.reportFrom(thread, task);
        task = report !== undefined && report.seconds < SHORT_SECONDS ? this.nextOf(first.job.machine) : undefined;
      }
    } finally {
      this.running -= 1;
      this.startNext();
      await thread.end();
    }
  }

  /** Undefined when the task has failed. */
  private async reportFrom(thread: JobThread, { index, job, resolve, reject }: Task): Promise<RunReport | undefined> {
    try {
      if (this.failure !== undefined) {
        throw this.failure.error;
      }
      const report = await thread.run(job, (progress) => this.options.onProgress?.(index, progress));
      this.options.onReport?.(index, report);
      resolve(report);
      return report;
    } catch (error) {
      this.failure ??= { error };
      this.stop();
      reject(this.failure.error);
      return undefined;
    }
  }

  /** Takes the first waiting task of a machine. */
  private nextOf(machine: string): Task | undefined {
    const position = this.waiting.findIndex(({ job }) => job.machine === machine);
    return position < 0 ? undefined : this.waiting.splice(position, 1)[0];
  }
}

/** A thread that runs jobs, one at a time. */
class JobThread {
  readonly #worker: Worker;
  #onMessage: (message: WorkerMessage) => void = () => {};
  #onFailure: (error: unknown) => void = () => {};

  constructor(stop: Int32Array) {
    const workerData: WorkerData = { stop };
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData })
      .on("message", (message: WorkerMessage) => this.#onMessage(message))
      .on("error", (error) => this.#onFailure(error))
      .on("exit", () => this.#onFailure(new JobFailure("a worker ended without a report", undefined, "")));
  }

  /** @throws JobFailure when the job fails */
  run(job: Job, onProgress: (progress: Progress) => void): Promise<RunReport> {
    return new Promise<RunReport>((resolve, reject) => {
      this.#onFailure = reject;
      this.#onMessage = (message) => {
        switch (message.kind) {
          case "progress":
            onProgress(message.progress);
            break;
          case "report":
            resolve(message.report);
            break;
          case "failed":
            reject(new JobFailure(message.message, message.code, message.stack, message.place));
            break;
        }
      };
      this.#worker.postMessage(job);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
