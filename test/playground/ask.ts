/** The playground's worker without a browser. */
import { expect } from "vitest";
import { reproducerSources } from "../../live/reproducer/reproducer-sources.ts";
import type { Exploration, Setting } from "../../playground/address/exploration.ts";
import type { Executed } from "../../playground/protocol/executed.ts";
import type { ExportFormat, Found, Reply, Request, SearchProgress, Wish } from "../../playground/protocol/messages.ts";
import { answer } from "../../playground/worker/answer.ts";

/** Progress of searches. */
export const progress: SearchProgress[] = [];

/** Sends a request. */
export function ask(request: Request): Promise<Reply> {
  return answer(request, {
    onProgress: (each) => progress.push(each),
    readSources: async () => reproducerSources(),
  });
}

/** Returns a setting with default bounds and configuration. */
export const setting = (machine: string, kernel = "v7.1", more: Partial<Setting> = {}): Setting => ({
  machine,
  kernel,
  config: "",
  bounds: {},
  ...more,
});

/** Executes an exploration, which must be valid. */
export async function executed(exploration: Exploration): Promise<Executed> {
  const reply = await ask({ kind: "execute", exploration });
  expect(reply.kind, reply.kind === "failed" || reply.kind === "refused" ? reply.message : "").toBe("executed");
  return (reply as Extract<Reply, { kind: "executed" }>).executed;
}

/** Searches, which must be possible. */
export async function found(where: Setting, wish: Wish, steps: readonly string[] = []): Promise<Found> {
  const reply = await ask({ kind: "find", setting: where, steps, wish });
  expect(reply.kind, reply.kind === "failed" || reply.kind === "refused" ? reply.message : "").toBe("found");
  return (reply as Extract<Reply, { kind: "found" }>).found;
}

/** Exports the steps of an exploration. */
export async function exported(exploration: Exploration, format: ExportFormat): Promise<Reply> {
  return ask({ kind: "export", exploration, format });
}
