/**
 * Thread that starts the workers of a search and reports a lost one. The thread of the search cannot: it is busy or
 * waits until the search ends, and receives no events.
 */
import { Worker, workerData } from "node:worker_threads";
import { ChunkQueue } from "./chunk-queue.ts";
import type { SupervisorData, WorkerData } from "./worker-data.ts";

const { team, news, lost } = workerData as SupervisorData;
const queue = new ChunkQueue(team.numbers);

function reportLost(reason: string): void {
  lost.postMessage(reason);
  queue.reportLost();
}

process.on("uncaughtException", (error) => reportLost(String(error)));
for (const port of news) {
  const data: WorkerData = { ...team, news: port };
  new Worker(new URL("./worker.js", import.meta.url), { workerData: data, transferList: [port] })
    // It exits next.
    .on("error", (error) => lost.postMessage(String(error)))
    .on("exit", (code) => {
      if (code !== 0 || !queue.isClosed) {
        reportLost(`it ended with exit code ${code}`);
      }
    });
}
