import { describe, expect, it } from "vitest";
import * as fc from "../../fast-check.ts";
import { collected } from "../collected.ts";
import { search, toyModule, WorkerLost, workersOf } from "./built-search.ts";
import { EAGER, machineOf, outcomeOf, type Subject, withoutTimes, workersOn } from "./parallel-search.ts";
import { randomSession, stress } from "./sessions.ts";
import type { Fault } from "./toy-models.ts";

const counter = (fault: Fault, value: number): Subject => ({ name: "faultyCounter", argument: { fault, value } });

describe("Searches with several workers", () => {
  it("random machines have the results of one worker, in sessions with random numbers of workers", () => {
    stress(12);
  });

  it("a search ends when it loses a worker, and others resume from the checkpoint that it leaves", () => {
    const whole = outcomeOf(machineOf(counter("none", 0)), {});
    fc.assert(
      fc.property(fc.nat(19_000), fc.integer({ min: 2, max: 4 }), randomSession, (value, count, next) => {
        const subject = "a lost worker";
        let saved: Uint8Array | undefined;
        const faulty = counter("exit", value);
        expect(() =>
          search(machineOf(faulty), {
            ...workersOn(faulty, count),
            checkpoint: {
              subject,
              save: (chunks) => {
                saved = collected(chunks);
              },
            },
          }),
        ).toThrow(/^a worker of the search was lost: it ended with exit code 7$/);
        const sound = counter("none", value);
        const checkpoint = { subject, resume: [saved ?? new Uint8Array(0)] };
        const result = search(machineOf(sound), { ...workersOn(sound, next.workers, next.schedule), checkpoint });
        expect(withoutTimes(result)).toEqual(whole);
      }),
      { numRuns: 4 },
    );
  });

  it("an exception in a worker alone does not change the result", () => {
    const subject = counter("exception", 5_000);
    const machine = machineOf(subject);
    expect(outcomeOf(machine, workersOn(subject, 2))).toEqual(outcomeOf(machine, {}));
  });

  it("a search whose workers take other steps than itself is an error", () => {
    const subject = counter("step", 150);
    const machine = machineOf(subject);
    expect(outcomeOf(machine, {})).toMatchObject({ outcome: "exhausted" });
    expect(outcomeOf(machine, workersOn(subject, 2))).toMatchObject({ code: "not-deterministic" });
  });

  it.each([
    [{ module: "file:///nowhere.mjs", name: "machineOf" }, /Cannot find module/],
    [{ module: toyModule, name: "nothing" }, /exports no model with the name nothing$/],
    [
      { module: toyModule, name: "toyNumbered", argument: 1 },
      /^a worker of the search was lost: Error: the model .* is not the one of the search$/,
    ],
  ])("a search ends when its workers have no such model: %o", (source, message) => {
    const machine = machineOf(counter("none", 0));
    const run = (): unknown => search(machine, { workers: workersOf({ threads: 2, source, schedule: EAGER }) });
    expect(run).toThrow(message);
    expect(run).toThrow(WorkerLost);
  });
});
