import { expect, it } from "vitest";
import { faultyToys, soundToys } from "../../toys/all.ts";
import { machineOf, outcomeOf, workersOn } from "./parallel-search.ts";
import { stress } from "./sessions.ts";

it("many random machines have the results of one worker, in sessions with random numbers of workers", () => {
  stress(20);
});

const toys = [...soundToys, ...faultyToys].map(({ name }, argument) => ({ name, argument }));

it.each(toys)("searches of $name have the results of one worker in every mode", ({ argument }) => {
  const subject = { name: "toyNumbered", argument } as const;
  const machine = machineOf(subject);
  for (const symmetry of [false, true]) {
    for (const allViolations of [false, true]) {
      const alone = outcomeOf(machine, { symmetry, allViolations });
      for (const count of [1, 2, 3]) {
        expect(outcomeOf(machine, { symmetry, allViolations, ...workersOn(subject, count) })).toEqual(alone);
      }
    }
  }
});
