/** Entry of the worker. */
import type { Numbered, Reply, Request } from "../protocol/messages.ts";
import { answer } from "./answer.ts";
import { fetchSources } from "./reproducer-files.ts";

/** Part of a worker's global scope. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Numbered<Request> }) => void) | null;
  postMessage(reply: Numbered<Reply>): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { number, ...request } }) => {
  const reply = await answer(request as Request, {
    onProgress: (progress) => scope.postMessage({ kind: "progress", number, progress }),
    readSources: fetchSources,
  });
  scope.postMessage({ ...reply, number });
};
