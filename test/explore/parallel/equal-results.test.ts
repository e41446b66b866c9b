/** Compares searches with several workers with one that expands all states itself. */
import { describe, expect, it } from "vitest";
import { faultyToys, soundToys } from "../../toys/all.ts";
import { machineOf, outcomeOf, workersOn } from "./parallel-search.ts";

const toys = [...soundToys, ...faultyToys].map(({ name }, number) => ({
  name,
  subject: { name: "toyNumbered", argument: number } as const,
  count: 2 + (number % 2),
}));

describe("The results of a search", () => {
  it.each(toys)("a search of $name with $count workers has the result of one worker", ({ subject, count }) => {
    const machine = machineOf(subject);
    expect(outcomeOf(machine, workersOn(subject, count))).toEqual(outcomeOf(machine, {}));
  });
});
