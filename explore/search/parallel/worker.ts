/** Worker thread of a search: expands chunks with a machine of its own. */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { outlineOf } from "../../checkpoint/checkpoint.ts";
import { VisitedStates } from "../../visited/visited-states.ts";
import { ChunkExpander } from "./chunk-expander.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { ExpandedChunk } from "./expanded-chunk.ts";
import { machineFrom } from "./model-source.ts";
import type { News, WorkerData } from "./worker-data.ts";

const { source, outline, numbers, slots, sizes, expanded, news } = workerData as WorkerData;

const REHEARSAL_STATES = 1 << 12;

const machine = await machineFrom(source);
const own = outlineOf(machine, outline);
if (JSON.stringify(own) !== JSON.stringify(outline)) {
  throw new Error(`the model ${own.name} of ${source.module} is not the one of the search`);
}
const queue = new ChunkQueue(numbers);
const chunks = slots.map((memory) => new ExpandedChunk(memory, sizes));
const visited = new VisitedStates(machine.words);

/** The last news whose decisions are not adopted yet. */
let decided: News | undefined;

/** Reads the news, which were sent before the states that they concern were made visible. */
function readNews(): void {
  for (let message = receiveMessageOnPort(news); message !== undefined; message = receiveMessageOnPort(news)) {
    decided = message.message as News;
    visited.follow(decided.shared);
  }
}

/** To be called between chunks: within one, a decision of the search could hide one of the worker. */
function adoptDecisions(): void {
  readNews();
  if (decided !== undefined) {
    expander.adopt(decided.witnesses, decided.violations);
    decided = undefined;
  }
}

function refresh(): void {
  const { visited: count } = queue;
  if (count > visited.capacity) {
    readNews();
  }
  // During the rehearsal every state counts as new, so that properties are evaluated, too.
  visited.count = isReady ? count : 0;
}

let isReady = false;
const expander = new ChunkExpander(machine, visited, outline, refresh);

/**
 * Expands states that the search has expanded, so that V8 compiles the code before the search waits for this worker.
 * All of their successors are visited: it does no harm that they are in the cache of recent states afterwards.
 */
function rehearse(): void {
  const chunk = new ExpandedChunk(new SharedArrayBuffer(ExpandedChunk.bytesOf(sizes)), sizes);
  const { start } = visited;
  const end = Math.min(expanded, start + REHEARSAL_STATES);
  for (let first = start; first + sizes.states <= end && !queue.isClosed; first += sizes.states) {
    chunk.begin(first, first + sizes.states, visited);
    expander.expand(chunk);
  }
}

adoptDecisions();
rehearse();
isReady = true;
queue.reportReady();
for (let number = queue.claim(); number !== undefined; number = queue.claim()) {
  adoptDecisions();
  expander.expand(chunks[number % chunks.length] as ExpandedChunk);
  queue.reportExpanded(number);
}
news.close();
queue.leave();
