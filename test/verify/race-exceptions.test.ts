/** Known exceptions of machine race in the reports of a gate. */
import { describe, expect, test } from "vitest";
import { exceptionsIn, withoutAbsentExceptions } from "../../verify/race-exceptions.ts";
import type { PropertyReport, RunReport } from "../../verify/report/report.ts";
import { goodRun, rmapTrace } from "../report/fixtures.ts";

const property = (id: string, verdict: PropertyReport["verdict"], steps: number): PropertyReport => ({
  id,
  claim: "a claim",
  source: "a source",
  kind: "sometimes",
  verdict,
  checked: 1,
  vacuous: false,
  trace: verdict === "reached" ? { ...rmapTrace, steps: rmapTrace.steps.slice(0, steps) } : null,
});

const run = (config: string, ...properties: readonly PropertyReport[]): RunReport => ({
  ...goodRun,
  config,
  properties,
  verdict: "unreached",
});

describe("an exception that C code does not reach", () => {
  test("the claim of an unreached exception holds", () => {
    const { verdict, properties } = withoutAbsentExceptions(run("one", property("C14.race", "unreached", 0)));
    expect(verdict).toBe("holds");
    expect(properties.map((each) => each.verdict)).toEqual(["holds"]);
  });

  test("an unreached witness that is no exception remains unreached", () => {
    const report = withoutAbsentExceptions(
      run("one", property("W1", "unreached", 0), property("C14.race", "reached", 1)),
    );
    expect(report.verdict).toBe("unreached");
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(["unreached", "reached"]);
  });
});

test("reached exceptions are listed once, with their configurations and the shortest trace", () => {
  const exceptions = exceptionsIn([
    run("one", property("C14.race", "reached", 2), property("W1", "reached", 1)),
    run("two", property("C14.race", "reached", 1), property("C13.race", "unreached", 0)),
  ]);
  expect(exceptions.map(({ property: id, configs, trace }) => [id, configs, trace.steps.length])).toEqual([
    ["C14.race", ["one", "two"], 1],
  ]);
});
