/** The engine agrees with an explorer that has neither access trees nor reductions. */
import { describe, expect, test } from "vitest";
import { PROGRAMS } from "../toys/litmus.ts";
import { closed, program } from "../toys/threads.ts";
import { exploreRaces, type Reached, withOptions } from "./explore-races.ts";
import { exploreInterleavings } from "./naive-interleavings.ts";

const REDUCTIONS = [
  { protectedAccesses: true, callFrames: false },
  { protectedAccesses: false, callFrames: true },
  { protectedAccesses: true, callFrames: true },
];

/** What a reduction must not change. A CPU waits before it has begun where it can wait for another one that has not. */
function outcome({ atRest, deadlocks, warnings, dataRaces }: Reached, name: string): object {
  return { atRest, warnings, dataRaces, deadlocks: name !== "waiting" && deadlocks };
}

describe.each(Object.keys(PROGRAMS))("%s", (name) => {
  const each = PROGRAMS[name];
  if (each === undefined) {
    throw new Error(`there is no program ${name}`);
  }
  test.each(["sc", "tso"] as const)("has the same states, transitions and outcomes as naively, under %s", (memoryModel) => {
    const subject = program(each, memoryModel);
    const naive = exploreInterleavings(subject);
    expect(exploreRaces(subject)).toEqual(naive);
    for (const reductions of REDUCTIONS) {
      const fewer = exploreRaces(withOptions(subject, { reductions }));
      expect(outcome(fewer, name)).toEqual(outcome(naive, name));
      expect(fewer.states).toBeLessThanOrEqual(naive.states);
    }
  });
});
