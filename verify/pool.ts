/** Runs jobs in workers, a few at a time. The reports come in the order of the jobs, whatever the number of workers. */
import { Worker } from "node:worker_threads";
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
  constructor(message: string, code: string | undefined, stack: string) {
    super(message);
    this.code = code;
    this.stack = stack;
  }
}

/**
 * Runs the jobs.
 *
 * @throws JobFailure when a job fails; the others are stopped
 */
export async function runJobs(jobs: readonly Job[], options: PoolOptions): Promise<RunReport[]> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const requestStop = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (options.signal?.aborted === true) {
    requestStop();
  }
  options.signal?.addEventListener("abort", requestStop);
  const reports: RunReport[] = new Array(jobs.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      const report = await runInWorker(jobs[index] as Job, stop, (progress) => options.onProgress?.(index, progress));
      reports[index] = report;
      options.onReport?.(index, report);
    }
  };
  try {
    const workers = Array.from({ length: Math.min(options.workers, jobs.length) }, work);
    const outcomes = await Promise.allSettled(
      workers.map((each) =>
        each.catch((error: unknown) => {
          requestStop();
          next = jobs.length;
          throw error;
        }),
      ),
    );
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    return reports;
  } finally {
    options.signal?.removeEventListener("abort", requestStop);
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
          reject(new JobFailure(message.message, message.code, message.stack));
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
