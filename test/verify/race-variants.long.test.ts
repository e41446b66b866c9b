/** Kernels with a concurrency mistake are caught by machine race, and with few exceptions only by two CPUs. */
import { describe, expect, test } from "vitest";
import { RACES } from "../../model/variants/races/index.ts";
import type { Catch, Variant } from "../../model/variants/variant.ts";
import type { PropertyReport, RunReport } from "../../verify/report.ts";
import { replay, resolve, runJob } from "./built.ts";

const explore = (kernel: string, { machine, bounds, config }: Catch, more: Catch["bounds"] = {}): RunReport =>
  runJob(resolve({ machine, kernel, config, bounds: { ...bounds, ...more } }).job);

const violated = ({ properties }: RunReport): PropertyReport[] =>
  properties.filter(({ verdict }) => verdict === "violated");

const cases = RACES.map(({ name, base, caught }: Variant) => ({ name, base, caught: caught as Catch }));

/** Mistakes that one CPU shows, which executes one operation after the other. */
const SHOWN_BY_ONE_CPU = ["sub-keeps-lock-of-tracked", "shrinker-forgets-folio"];

describe("the catalogue of concurrency mistakes", () => {
  test("has at least twenty faulty kernels, each with the claim of machine race that catches it", () => {
    expect(RACES.filter(({ faulty }) => faulty).length).toBeGreaterThanOrEqual(20);
    expect(RACES.filter(({ caught }) => caught?.machine !== "race")).toEqual([]);
  });

  test("has a faulty kernel for every claim about interleavings but those that others break first", () => {
    const broken = new Set(RACES.map(({ caught }) => caught?.property));
    for (const id of ["C18", "C19", "L1", "L2", "L3", "D1", "C7.instant", "C9.instant"]) {
      expect(broken).toContain(id);
    }
  });
});

describe.each(cases)("$name", ({ name, base, caught }) => {
  const report = explore(name, caught);

  test("is caught by its claim, in an interleaving of so many steps", () => {
    expect(report.verdict).toBe("violated");
    expect(violated(report).map(({ id, trace }) => [id, trace?.steps.length])).toContainEqual([
      caught.property,
      caught.steps,
    ]);
  });

  test("has a trace that replays, and that its base either refuses or passes", () => {
    const trace = violated(report).find(({ id }) => id === caught.property)?.trace;
    if (trace === null || trace === undefined) {
      throw new Error("there is no trace");
    }
    expect(replay(trace)).toMatchObject({ outcome: { kind: "violated" }, kernel: name });
    expect(["cured", "not-applicable"]).toContain(replay(trace, base).outcome.kind);
  });

  test("passes, or is caught, with one CPU as its mistake implies", () => {
    const verdict = SHOWN_BY_ONE_CPU.includes(name) ? "violated" : "holds";
    expect(explore(name, caught, { cpus: 1 }).verdict).toBe(verdict);
  });
});
