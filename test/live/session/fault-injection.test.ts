/** Walks with an agent that injects faults, from the words of the protocol to the difference. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openSession } from "../../../live/session/supervisor.ts";
import { PackedWorld } from "../../../live/walk/packed-world.ts";
import { liveModel, sessionBounds } from "../../../live/walk/scopes.ts";
import { walkTour } from "../../../live/walk/tour-walk.ts";
import { Walker } from "../../../live/walk/walk.ts";
import { resolve } from "../../../verify/job/job.ts";

const fakeAgent = fileURLToPath(new URL("./fake-agent.mjs", import.meta.url));
/** Folios of one page: the fake agent does not implement owner tracking. */
const BOUNDS = { pages: 1, minPages: 1, mms: 2, folios: 2, smallFolios: 0, holders: 0 };

/**
 * Executes a tour with a fault in each observation. Returns the differing fields, and whether all transitions are
 * covered.
 */
async function tourWith(fault: string): Promise<{ fields: string[]; complete: boolean; retries: number }> {
  const { definition, job, kernel } = resolve({ machine: "cow", bounds: BOUNDS, config: "" });
  const machine = new PackedWorld(liveModel(definition, job.bounds, kernel));
  const session = await openSession({
    agent: [process.execPath, fakeAgent, fault, "every"],
    bounds: sessionBounds(job.bounds),
    answerTimeout: 20_000,
  });
  try {
    const result = await walkTour(new Walker(session, machine, 4096), machine, { stopped: () => undefined });
    const differing = result.differences[0]?.fields.filter(({ holds }) => !holds) ?? [];
    return {
      fields: differing.map(({ field }) => field),
      complete: result.coverage?.covered === result.coverage?.reachable,
      retries: result.retries,
    };
  } finally {
    await session.close();
  }
}

describe("a tour with the fake agent", () => {
  test("a tour without faults finds no difference and covers each transition", async () => {
    expect(await tourWith("none")).toEqual({ fields: [], complete: true, retries: 0 });
  });

  test.each([
    ["wrong-pfn", "page frame"],
    ["wrong-mapcount", "mapcount"],
    ["exclusive-flipped", "exclusive"],
    ["absent-page", "present"],
    ["stale-content", "content"],
  ])("a tour detects the fault %s", async (fault, field) => {
    expect((await tourWith(fault)).fields).toContain(field);
  });
});
