/** A worker: runs jobs of one machine, one after another, in a thread of its own, where V8 optimises for that machine alone. */
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorPlace, MachineError } from "../explore/model/errors.ts";
import type { Progress } from "../explore/search/search.ts";
import type { Job } from "./job/job.ts";
import type { RunReport } from "./report/report.ts";
import { runJob } from "./run.ts";

/** What a worker is started with. */
export interface WorkerData {
  /** One shared number; anything but zero asks the worker to stop. */
  readonly stop: Int32Array;
}

/** What a worker says. */
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

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

const { stop } = workerData as WorkerData;

function run(job: Job): void {
  let reported = 0;
  try {
    const report = runJob(job, {
      onProgress: (progress) => {
        const now = performance.now();
        if (now - reported >= PROGRESS_INTERVAL_MS) {
          reported = now;
          say({ kind: "progress", progress });
        }
      },
      interrupted: () => Atomics.load(stop, 0) !== 0,
    });
    say({ kind: "report", report });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const code = "code" in failure && typeof failure.code === "string" ? { code: failure.code } : {};
    const place = failure instanceof MachineError ? { place: failure.place } : {};
    say({ kind: "failed", message: failure.message, stack: failure.stack ?? "", ...code, ...place });
  }
}

// A thread with a listener does not end: its owner ends it.
parentPort?.on("message", run);
