/** Pool of worker threads that run jobs. Reports are in the order of the jobs, for any number of workers. */
import { Worker } from "node:worker_threads";
import type { ErrorPlace } from "../explore/model/errors.ts";
import { IdleThreads } from "../explore/search/parallel/idle-threads.ts";
import type { Progress } from "../explore/search/search.ts";
import type { StopSignal } from "../files/stop-signal.ts";
import type { Job } from "./job/job.ts";
import type { RunReport } from "./report/report.ts";
import type { WorkerData, WorkerMessage } from "./worker.ts";

/** Progress of one run of a pool. */
export interface RunProgress {
  /** Number of the job, counted from 0 over all batches. */
  readonly index: number;
  /** Number of jobs that have ended, of `jobs`. */
  readonly done: number;
  readonly jobs: number;
  readonly search: Progress;
}

/** Options of a pool: its size, its callbacks, and the signal that stops it. */
export interface PoolOptions {
  /** Number of jobs that run at the same time. */
  readonly workers: number;
  readonly onProgress?: (job: number, progress: Progress) => void;
  readonly onReport?: (job: number, report: RunReport) => void;
  /** Ends every run as interrupted; jobs that have not started report no states. */
  readonly signal?: StopSignal;
}

/**
 * Failure of a job that is no property violation: a model that breaks the explorer's rules, or a bug of the explorer.
 */
export class JobFailure extends Error {
  /** Code of the MachineError; undefined for other errors. */
  readonly code: string | undefined;
  /** Place in the model where a MachineError arose; empty for other errors. */
  readonly place: ErrorPlace;
  constructor(message: string, code: string | undefined, stack: string, place: ErrorPlace = {}) {
    super(message);
    this.code = code;
    this.place = place;
    this.stack = stack;
  }
}

/**
 * Runs jobs in a pool that is stopped afterwards.
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
 * After a shorter search, the thread is reused for another job of the same machine: loading the code takes a quarter of
 * a second, and so does its optimisation by V8. After a longer search, the thread ends to free its memory.
 */
const SHORT_SECONDS = 2;

/** A job that is queued or runs. */
interface Task {
  readonly index: number;
  readonly job: Job;
  readonly resolve: (report: RunReport) => void;
  readonly reject: (error: unknown) => void;
}

/** Pool of workers for several batches of jobs. It listens to its signal until it is stopped. */
export class Pool {
  private readonly options: PoolOptions;
  private readonly stopped: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  private readonly idle: IdleThreads | undefined;
  private readonly queue: Task[] = [];
  private running = 0;
  private submitted = 0;
  private done = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(options: PoolOptions) {
    this.options = options;
    this.idle = options.workers === 1 ? undefined : IdleThreads.ofPool(options.workers);
    options.signal?.addEventListener("abort", this.stop);
    if (options.signal?.aborted === true) {
      this.stop();
    }
  }

  /** Returns the progress of a run, with that of all batches. */
  progressOf(index: number, search: Progress): RunProgress {
    return { index, done: this.done, jobs: this.submitted, search };
  }

  /**
   * Runs a batch, concurrently with batches that are running. `onProgress` and `onReport` receive a job's number,
   * counted from 0 over all batches.
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
      this.queue.push({ index: this.submitted, job, resolve, reject });
      this.submitted += 1;
      this.startNext();
    });
  }

  private startNext(): void {
    const { workers } = this.options;
    while (this.running < workers) {
      const task = this.queue.shift();
      if (task === undefined) {
        break;
      }
      this.running += 1;
      void this.perform(task);
    }
    this.idle?.set(workers - this.running);
  }

  /** Performs a task in a new thread, then queued tasks of the same machine until one is not short. */
  private async perform(first: Task): Promise<void> {
    const thread = new JobThread(this.stopped, this.idle);
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

  /** Runs a task in a thread. Returns undefined when the task fails. */
  private async reportFrom(thread: JobThread, { index, job, resolve, reject }: Task): Promise<RunReport | undefined> {
    try {
      if (this.failure !== undefined) {
        throw this.failure.error;
      }
      const report = await thread.run(job, (progress) => this.options.onProgress?.(index, progress));
      this.done += 1;
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

  /** Removes the first queued task of a machine from the queue. */
  private nextOf(machine: string): Task | undefined {
    const position = this.queue.findIndex(({ job }) => job.machine === machine);
    return position < 0 ? undefined : this.queue.splice(position, 1)[0];
  }
}

/** A thread that runs jobs, one at a time. */
class JobThread {
  readonly #worker: Worker;
  #onMessage: (message: WorkerMessage) => void = () => {};
  #onFailure: (error: unknown) => void = () => {};

  constructor(stop: Int32Array, idle: IdleThreads | undefined) {
    const workerData: WorkerData = { stop, ...(idle === undefined ? {} : { idle: idle.numbers }) };
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
