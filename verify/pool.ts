/** Runs jobs in workers, a few at a time. The reports come in the order of the jobs, whatever the number of workers. */
import { Worker } from "node:worker_threads";
import type { ErrorPlace } from "../explore/errors.ts";
import type { Progress } from "../explore/search.ts";
import type { Job } from "./job.ts";
import type { RunReport } from "./report.ts";
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
  return new Pool(options).run(jobs);
}

/** A job that waits for a worker, or has one. */
interface Task {
  readonly index: number;
  readonly job: Job;
  readonly resolve: (report: RunReport) => void;
  readonly reject: (error: unknown) => void;
}

/** Workers for jobs that come in several batches. */
export class Pool {
  private readonly options: PoolOptions;
  private readonly stopped: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting: Task[] = [];
  private running = 0;
  private known = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(options: PoolOptions) {
    this.options = options;
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
    const { signal } = this.options;
    const stop = (): void => this.stop();
    if (signal?.aborted === true) {
      stop();
    }
    signal?.addEventListener("abort", stop);
    try {
      const outcomes = await Promise.allSettled(jobs.map((job) => this.reportOf(job)));
      return outcomes.map((outcome) => {
        if (outcome.status === "rejected") {
          throw outcome.reason;
        }
        return outcome.value;
      });
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Ends every run as interrupted; jobs that have not started report no states. */
  stop(): void {
    Atomics.store(this.stopped, 0, 1);
  }

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

  private async perform({ index, job, resolve, reject }: Task): Promise<void> {
    try {
      if (this.failure !== undefined) {
        throw this.failure.error;
      }
      const report = await runInWorker(job, this.stopped, (progress) => this.options.onProgress?.(index, progress));
      this.options.onReport?.(index, report);
      resolve(report);
    } catch (error) {
      this.failure ??= { error };
      this.stop();
      reject(this.failure.error);
    } finally {
      this.running -= 1;
      this.startNext();
    }
  }
}

function runInWorker(job: Job, stop: Int32Array, onProgress: (progress: Progress) => void): Promise<RunReport> {
  return new Promise((resolve, reject) => {
    const workerData: WorkerData = { job, stop };
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
    let report: RunReport | undefined;
    worker.on("message", (message: WorkerMessage) => {
      switch (message.kind) {
        case "progress":
          onProgress(message.progress);
          break;
        case "report":
          report = message.report;
          break;
        case "failed":
          reject(new JobFailure(message.message, message.code, message.stack, message.place));
          break;
      }
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      if (report === undefined) {
        reject(new JobFailure("a worker ended without a report", undefined, ""));
      } else {
        resolve(report);
      }
    });
  });
}
