/** Worker thread of a search: expands chunks with a machine of its own. */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { outlineOf } from "../../checkpoint/checkpoint.ts";
import { VisitedStates } from "../../visited/visited-states.ts";
import { ChunkExpander } from "./chunk-expander.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { ExpandedChunk } from "./expanded-chunk.ts";
import { machineFrom } from "./model-source.ts";
import type { News, WorkerData } from "./worker-data.ts";

const { source, outline, numbers, slots, sizes, news } = workerData as WorkerData;

const machine = await machineFrom(source);
const own = outlineOf(machine, outline);
if (JSON.stringify(own) !== JSON.stringify(outline)) {
  throw new Error(`the model ${own.name} of ${source.module} is not the one of the search`);
}
const queue = new ChunkQueue(numbers);
const chunks = slots.map((memory) => new ExpandedChunk(memory, sizes));
const visited = new VisitedStates(machine.words);
const expander = new ChunkExpander(machine, visited, outline);
queue.reportReady();
for (let number = queue.claim(); number !== undefined; number = queue.claim()) {
  const chunk = chunks[number % chunks.length] as ExpandedChunk;
  for (let message = receiveMessageOnPort(news); message !== undefined; message = receiveMessageOnPort(news)) {
    const { table, segments, witnesses, violations } = message.message as News;
    visited.follow(table, segments);
    expander.follow(witnesses, violations);
  }
  visited.count = chunk.visited;
  expander.expand(chunk);
  queue.reportExpanded(number);
}
news.close();
