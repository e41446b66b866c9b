/** Searches in several sessions, each with its own number of workers, that resume from each other's checkpoints. */
import { expect } from "vitest";
import type { Budget } from "../../../explore/search/budget.ts";
import type { Schedule } from "../../../explore/search/parallel/schedule.ts";
import type { SearchOptions } from "../../../explore/search/search.ts";
import * as fc from "../../fast-check.ts";
import { randomDescription } from "../../toys/random-machine.ts";
import { collected } from "../collected.ts";
import { spilling } from "../spill/memory-file.ts";
import { search } from "./built-search.ts";
import { EAGER, machineOf, type Subject, withoutSizes, workersOn } from "./parallel-search.ts";

/** One session: its workers, and what ends it. */
export interface Session {
  readonly workers: number;
  readonly schedule: Schedule;
  /** Whether it has memory for few states, and moves the others to disk. */
  readonly spills: boolean;
  /** Additional states that it visits, at most. */
  readonly states: number;
  /** Number of the poll at which it is interrupted. */
  readonly poll: number;
}

/** Random sessions: mostly short ones, and random schedules. */
export const randomSession: fc.Arbitrary<Session> = fc.record({
  workers: fc.integer({ min: 1, max: 8 }),
  schedule: fc.record({
    after: fc.constant(0),
    waits: fc.constant(true),
    least: fc.integer({ min: 1, max: 40 }),
    most: fc.constantFrom(16, 32, 64, 256),
  }),
  spills: fc.boolean(),
  states: fc.oneof(fc.nat(50), fc.nat(2000)),
  poll: fc.integer({ min: 1, max: 4 }),
});

const subject = "sessions";

/**
 * Searches a model in sessions, and expects of each the outcome of one worker that has all states in memory, and of the
 * last one, which has no limit, the outcome of a single search.
 */
export function expectEqualSessions(
  model: Subject,
  sessions: readonly Session[],
  options: Pick<SearchOptions, "symmetry" | "allViolations">,
): void {
  const machine = machineOf(model);
  const whole = withoutSizes(search(machine, options));
  let saved: Uint8Array | undefined;
  let visited = 0;
  const { workers: count = 2, spills: lastSpills = true } = sessions[0] ?? {};
  const last = { workers: count, schedule: EAGER, spills: lastSpills, states: Number.POSITIVE_INFINITY, poll: 1e9 };
  for (const { workers, schedule, spills, states, poll } of [...sessions, last]) {
    const budget: Budget = { maxStates: visited + states };
    const run = (
      more: Pick<SearchOptions, "workers" | "spill" | "budget">,
    ): { outcome: unknown; saved: Uint8Array | undefined } => {
      let checkpoint: Uint8Array | undefined;
      let polls = 0;
      const result = search(machine, {
        ...options,
        ...more,
        budget: { ...budget, ...more.budget },
        interrupted: () => ++polls > poll,
        checkpoint: {
          subject,
          save: (chunks) => {
            checkpoint = collected(chunks);
          },
          ...(saved && { resume: [saved] }),
        },
      });
      visited = result.states;
      return { outcome: withoutSizes(result), saved: checkpoint };
    };
    const alone = run({});
    const together = run({ ...workersOn(model, workers, schedule), ...(spills && spilling(machine)) });
    expect(together.outcome).toEqual(alone.outcome);
    if (together.saved === undefined) {
      expect(together.outcome).toEqual(whole);
      return;
    }
    saved = together.saved;
  }
  expect.fail("the last session ended early");
}

/** Random machines that have something to share: at least 300 states, of which a search for all violations visits all. */
const largeMachine = randomDescription.filter((argument) => {
  const machine = machineOf({ name: "machineOf", argument });
  const { states } = search(machine, { symmetry: false, allViolations: true, budget: { maxStates: 3_000 } });
  return states >= 300 && states <= 3_000;
});

/** Compares random machines in random sessions. */
export function stress(numRuns: number): void {
  fc.assert(
    fc.property(
      fc.oneof({ arbitrary: largeMachine, weight: 3 }, { arbitrary: randomDescription, weight: 1 }),
      fc.array(randomSession, { maxLength: 3 }),
      fc.boolean(),
      fc.boolean(),
      (argument, sessions, symmetry, allViolations) =>
        expectEqualSessions({ name: "machineOf", argument }, sessions, { symmetry, allViolations }),
    ),
    { numRuns },
  );
}
