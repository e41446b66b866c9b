/** Answers the requests of the page. */
import { UsageError } from "../../verify/request/usage-error.ts";
import { parseTrace } from "../../verify/trace/trace-file.ts";
import { explorationOfTrace } from "../address/of-trace.ts";
import type { Reply, Request, SearchProgress } from "../protocol/messages.ts";
import { playgroundCatalogue } from "./catalogue.ts";
import { execute } from "./execute.ts";
import { exported } from "./export.ts";
import { find } from "./find.ts";
import type { ReadSources } from "./reproducer-files.ts";

/** Connections of the worker. */
export interface Connections {
  readonly onProgress: (progress: SearchProgress) => void;
  readonly readSources: ReadSources;
}

/** Answers a request. */
export async function answer(request: Request, connections: Connections): Promise<Reply> {
  try {
    return await answered(request, connections);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof UsageError ? "refused" : "failed", message };
  }
}

async function answered(request: Request, { onProgress, readSources }: Connections): Promise<Reply> {
  switch (request.kind) {
    case "catalogue":
      return { kind: "catalogue", catalogue: playgroundCatalogue() };
    case "execute":
      return { kind: "executed", executed: execute(request.exploration) };
    case "find":
      return { kind: "found", found: find(request, onProgress) };
    case "export":
      return { kind: "exported", exported: await exported(request.exploration, request.format, readSources) };
    case "open":
      return { kind: "opened", exploration: explorationOfTrace(parseTrace(request.text, request.name)) };
  }
}
