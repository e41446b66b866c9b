/** Worker thread that runs jobs of one machine, one at a time: V8 optimises its code for that machine alone. */
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorPlace, MachineError } from "../explore/model/errors.ts";
import { IdleThreads } from "../explore/search/parallel/idle-threads.ts";
import type { Progress } from "../explore/search/search.ts";
import type { Job } from "./job/job.ts";
import type { RunReport } from "./report/report.ts";
import { prepareJob, runJob } from "./run.ts";

/** Data passed to a worker when it starts. */
export interface WorkerData {
  /** One shared number; nonzero stops the worker's search. */
  readonly stop: Int32Array;
  /** Numbers of the pool's idle threads; absent if it has one thread. */
  readonly idle?: Int32Array;
}

/** Message from a worker to the pool. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "report"; readonly report: RunReport }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly stack: string;
      readonly code?: string;
      readonly place?: ErrorPlace;
    };

const PROGRESS_INTERVAL_MS = 200;

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

const { stop, idle } = workerData as WorkerData;

async function run(job: Job): Promise<void> {
  let lastReportAt = 0;
  try {
    await prepareJob(job);
    const report = runJob(job, {
      onProgress: (progress) => {
        const now = performance.now();
        if (now - lastReportAt >= PROGRESS_INTERVAL_MS) {
          lastReportAt = now;
          post({ kind: "progress", progress });
        }
      },
      interrupted: () => Atomics.load(stop, 0) !== 0,
      ...(idle === undefined ? {} : { idle: new IdleThreads(idle) }),
    });
    post({ kind: "report", report });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const code = "code" in failure && typeof failure.code === "string" ? { code: failure.code } : {};
    const place = failure instanceof MachineError ? { place: failure.place } : {};
    post({ kind: "failed", message: failure.message, stack: failure.stack ?? "", ...code, ...place });
  }
}

// A thread with a listener does not end by itself: the pool terminates it.
parentPort?.on("message", (job: Job) => void run(job));
