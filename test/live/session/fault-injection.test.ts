/** What a walk makes of an agent that says something false: all the way from its words to the difference. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openSession } from "../../../live/session/supervisor.ts";
import { PackedWorld } from "../../../live/walk/packed-world.ts";
import { liveModel, sessionBounds } from "../../../live/walk/scopes.ts";
import { walkTour } from "../../../live/walk/tour-walk.ts";
import { Walker } from "../../../live/walk/walk.ts";
import { resolve } from "../../../verify/job/job.ts";

const fakeAgent = fileURLToPath(new URL("./fake-agent.mjs", import.meta.url));
/** Folios of one page: the fake agent knows nothing of owner tracking. */
const BOUNDS = { pages: 1, minPages: 1, mms: 2, folios: 2, smallFolios: 0, holders: 0 };

/** Takes a tour with an agent that lies in every observation. Gives the fields that differ first, and the coverage. */
async function tourWith(lie: string): Promise<{ fields: string[]; complete: boolean; retries: number }> {
  const { definition, job, kernel } = resolve({ machine: "cow", bounds: BOUNDS, config: "" });
  const machine = new PackedWorld(liveModel(definition, job.bounds, kernel));
  const session = await openSession({
    agent: [process.execPath, fakeAgent, lie, "every"],
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
  test("finds no difference when it says the truth, and takes every pair", async () => {
    expect(await tourWith("none")).toEqual({ fields: [], complete: true, retries: 0 });
  });

  test.each([
    ["wrong-pfn", "page frame"],
    ["wrong-mapcount", "mapcount"],
    ["exclusive-flipped", "exclusive"],
    ["absent-page", "present"],
    ["stale-content", "content"],
  ])("notices %s", async (lie, field) => {
    expect((await tourWith(lie)).fields).toContain(field);
  });
});
