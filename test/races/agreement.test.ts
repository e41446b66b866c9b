/** Compares the engine with an explorer without access trees and reductions. */
import { describe, expect, test } from "vitest";
import type { RaceBounds, RaceWorld } from "../../model/race/race-world.ts";
import { ALL_REDUCTIONS, type OperationCall } from "../../races/race-model.ts";
import { PROGRAMS } from "../toys/litmus.ts";
import { program } from "../toys/threads.ts";
import { exploreRaces, NO_REDUCTIONS, type Reached, type Subject, withOptions } from "./explore-races.ts";
import { exploreInterleavings } from "./naive-interleavings.ts";
import { mapped, raceSubject } from "./race-subject.ts";

const REDUCTIONS = [
  { ...NO_REDUCTIONS, protectedAccesses: true },
  { ...NO_REDUCTIONS, callFrames: true },
  { ...NO_REDUCTIONS, nodeClasses: true },
  { ...ALL_REDUCTIONS, nodeClasses: false },
  ALL_REDUCTIONS,
];

/**
 * The outcome that no reduction may change. In `waiting` a deadlock is excepted: with reductions, an operation starts
 * together with its first access, so a CPU may wait for one that has not begun.
 */
function outcome({ atRest, deadlocks, warnings, dataRaces }: Reached, name: string): object {
  return { atRest, warnings, dataRaces, deadlocks: name !== "waiting" && deadlocks };
}

describe.each(Object.keys(PROGRAMS))("%s", (name) => {
  const each = PROGRAMS[name];
  if (each === undefined) {
    throw new Error(`there is no program ${name}`);
  }
  test.each(["sc", "tso"] as const)(
    "the engine has the states, transitions and outcomes of the naive explorer, under %s",
    (memoryModel) => {
      const subject = program(each, memoryModel);
      const naive = exploreInterleavings(subject);
      expect(exploreRaces(subject)).toEqual(naive);
      for (const reductions of REDUCTIONS) {
        const fewer = exploreRaces(withOptions(subject, { reductions }));
        expect(outcome(fewer, name)).toEqual(outcome(naive, name));
        expect(fewer.states).toBeLessThanOrEqual(naive.states);
      }
    },
  );
});

/** Programs whose histories fit into a state of the engine without reductions. */
const VIEWS = Object.keys(PROGRAMS).filter((name) => name !== "mixture");

test.each(VIEWS)("the engine has the outcomes of the naive explorer for program %s under views", (name) => {
  const subject = program(PROGRAMS[name] as (typeof PROGRAMS)[string], "views");
  const naive = exploreInterleavings(subject);
  for (const reductions of [NO_REDUCTIONS, ...REDUCTIONS]) {
    expect(outcome(exploreRaces(withOptions(subject, { reductions })), name)).toEqual(outcome(naive, name));
  }
});

describe("the race machine", () => {
  const few: RaceBounds = { cpus: 2, pages: 2, mms: 2, pmd: 0, stats: 1 };
  const forked = [call("anonFault", { mm: 0 }), call("fork", { parent: 0, child: 1 })];
  const all = [
    "fork",
    "exit",
    "anonFault",
    "zap",
    "writeFault",
    "splitPmd",
    "gupFast",
    "maybeMappedShared",
    "speculativeReference",
    "shrinkDeferred",
  ];
  const withCalls = (bounds: RaceBounds, config: string, ...calls: OperationCall[][]): Subject<RaceWorld> =>
    raceSubject(bounds, all, { calls }, config);
  const cases: readonly (readonly [name: string, subject: Subject<RaceWorld>])[] = [
    ["that fault and exit for ever", raceSubject(few, ["newMm", "exit", "anonFault"])],
    ["that get references", raceSubject({ ...few, mms: 1 }, ["anonFault", "exit", "speculativeReference"])],
    [
      "that zap a folio of two MMs",
      withCalls(
        few,
        "",
        [...forked, call("zap", { mm: 0, first: 0, count: 1 })],
        [call("zap", { mm: 1, first: 0, count: 2 })],
      ),
    ],
    [
      "that zap and read",
      withCalls(
        few,
        "no-page-mapcount",
        [...forked, call("zap", { mm: 0, first: 1, count: 1 })],
        [call("maybeMappedShared", {})],
      ),
    ],
    [
      "that fault and exit",
      withCalls(few, "", [...forked, call("writeFault", { mm: 0, entry: 0 })], [call("exit", { mm: 1 })]),
    ],
    [
      "that split PMDs",
      withCalls(
        { ...few, pmd: 1 },
        "no-page-mapcount",
        [...forked, call("splitPmd", { mm: 0 })],
        [call("exit", { mm: 1 })],
      ),
    ],
    ["that pin and fork", withCalls(few, "", forked, [call("gupFast", { mm: 0, entry: 0, pin: true })])],
  ];

  test.each(cases)("the engine agrees with the naive explorer on CPUs %s", (name, subject) => {
    const naive = exploreInterleavings(subject);
    expect(exploreRaces(subject)).toEqual(naive);
    for (const reductions of REDUCTIONS) {
      const fewer = exploreRaces(withOptions(subject, { reductions }));
      expect(outcome(fewer, name)).toEqual(outcome(naive, name));
      expect(fewer.states).toBeLessThanOrEqual(naive.states);
    }
  });

  test("the engine agrees with the naive explorer on CPUs that zap and read under x86-TSO", () => {
    // An entry has five cells: a store buffer has no room for two entries.
    const calls = [[call("zap", { mm: 0, first: 0, count: 1 })], [call("maybeMappedShared", {})]];
    const subject = mapped(raceSubject({ ...few, mms: 1 }, all, { calls, memoryModel: "tso" }));
    const naive = exploreInterleavings(subject);
    expect(naive.states).toBeGreaterThan(exploreInterleavings(withOptions(subject, { memoryModel: "sc" })).states);
    expect(exploreRaces(subject)).toEqual(naive);
    for (const reductions of REDUCTIONS) {
      expect(outcome(exploreRaces(withOptions(subject, { reductions })), "")).toEqual(outcome(naive, ""));
    }
  });

  test.each([
    ["zap and read", [[call("zap", { mm: 0, first: 0, count: 1 })], [call("maybeMappedShared", {})]]],
    [
      "zap and get a reference",
      [[call("zap", { mm: 0, first: 0, count: 1 })], [call("speculativeReference", { mm: 0, entry: 0 })]],
    ],
  ])("the engine agrees with the naive explorer on CPUs that %s under views", (name, calls) => {
    const subject = mapped(raceSubject({ ...few, mms: 1 }, all, { calls, memoryModel: "views" }));
    const naive = exploreInterleavings(subject);
    for (const reductions of REDUCTIONS) {
      expect(outcome(exploreRaces(withOptions(subject, { reductions })), name)).toEqual(outcome(naive, name));
    }
  });

  // Regression tests for faults of the engine and of the model.
  test("freeing a folio beside the shrinker raises the same warnings with and without reductions", () => {
    const calls = [
      [call("anonFault", { mm: 0 }), call("zap", { mm: 0, first: 0, count: 1 }), call("exit", { mm: 0 })],
      [call("shrinkDeferred", {})],
    ];
    const subject = raceSubject({ ...few, pages: 4, mms: 1 }, all, { calls });
    const naive = exploreInterleavings(subject);
    const reductions = ALL_REDUCTIONS;
    expect(exploreRaces(withOptions(subject, { reductions })).warnings).toEqual(naive.warnings);
  });

  // If a sequence count wrapped around, GUP-fast could not detect the forks.
  test("pinning a page beside two forks raises no warning", () => {
    const calls = [
      [call("gupFast", { mm: 0, entry: 0, pin: true })],
      [call("fork", { parent: 0, child: 1 }), call("exit", { mm: 1 }), call("fork", { parent: 0, child: 1 })],
    ];
    const reductions = ALL_REDUCTIONS;
    const subject = mapped(raceSubject(few, all, { calls, reductions }));
    expect(exploreRaces(subject).states).toBeGreaterThan(100);
    expect(exploreRaces(subject).warnings).toEqual([]);
  });

  test("the store buffer has room for the stores of two entries under x86-TSO", () => {
    const calls = [[call("zap", { mm: 0, first: 0, count: 2 })], [call("maybeMappedShared", {})]];
    const subject = mapped(raceSubject({ ...few, mms: 1 }, all, { calls, memoryModel: "tso" }));
    expect(exploreRaces(subject).states).toBeGreaterThan(0);
  });
});

/** A call for any CPU. */
function call(operation: string, parameters: OperationCall["parameters"]): OperationCall {
  return { operation, parameters };
}
