/** Checks that machine race finds exactly the expected data races. */
import { describe, expect, test } from "vitest";
import { EXPECTED_DATA_RACES, expectedDataRace } from "../../model/race/expected-data-races.ts";
import type { RaceBounds } from "../../model/race/race-world.ts";
import type { DataRace, RacingAccess } from "../../races/data-races.ts";
import type { OperationCall } from "../../races/race-model.ts";
import { exploreRaces, reduced } from "./explore-races.ts";
import { raceSubject } from "./race-subject.ts";

const few: RaceBounds = { cpus: 2, pages: 2, mms: 2, pmd: 0, stats: 1 };
const call = (operation: string, parameters: OperationCall["parameters"]): OperationCall => ({ operation, parameters });

const side = (function_: string, object: string, marked: boolean, isWrite: boolean): RacingAccess => ({
  text: object,
  object,
  isWrite,
  marked,
  functions: [function_],
});

describe("expected data races", () => {
  test.each([
    [
      "folio->_mm_ids",
      few,
      [
        [call("anonFault", { mm: 0 }), call("fork", { parent: 0, child: 1 }), call("exit", { mm: 1 })],
        [call("maybeMappedShared", {})],
      ],
      [
        "folioAddReturnLargeMapcount plain write folio->_mm_ids / folioMaybeMappedShared marked read folio->_mm_ids",
        "folioMaybeMappedShared marked read folio->_mm_ids / folioSubReturnLargeMapcount plain write folio->_mm_ids",
        "folioMaybeMappedShared marked read folio->_mm_ids / freeMmIdSlot plain write folio->_mm_ids",
        "folioMaybeMappedShared marked read folio->_mm_ids / setMmIdSlot plain write folio->_mm_ids",
        "folioMaybeMappedShared marked read folio->_mm_ids / takeMmIdSlot plain write folio->_mm_ids",
      ],
    ],
    [
      "folio->_deferred_list",
      { ...few, pages: 4, mms: 1 },
      [
        [call("anonFault", { mm: 0 }), call("zap", { mm: 0, first: 0, count: 1 }), call("exit", { mm: 0 })],
        [call("shrinkDeferred", {})],
      ],
      ["folioUnqueueDeferredSplit marked read folio->_deferred_list / takeQueued plain write folio->_deferred_list"],
    ],
  ])("machine race finds the expected data race on %s, and no other one", (object, bounds, calls, expected) => {
    const operations = ["anonFault", "fork", "exit", "zap", "maybeMappedShared", "shrinkDeferred"];
    const { dataRaces } = exploreRaces(reduced(raceSubject(bounds, operations, { calls })));
    expect(EXPECTED_DATA_RACES.map((each) => each.object)).toContain(object);
    expect(dataRaces).toEqual(expected);
  });

  test("a data race is expected in either order of its sides, only between its functions, plain against marked", () => {
    const plain = side("takeQueued", "folio->_deferred_list", false, true);
    const marked = side("folioUnqueueDeferredSplit", "folio->_deferred_list", true, false);
    const isExpected = (race: DataRace): boolean => expectedDataRace(race) !== undefined;
    expect(isExpected({ one: plain, other: marked })).toBe(true);
    expect(isExpected({ one: marked, other: plain })).toBe(true);
    expect(isExpected({ one: plain, other: plain })).toBe(false);
    expect(isExpected({ one: plain, other: { ...marked, object: "folio->_mm_ids" } })).toBe(false);
    expect(isExpected({ one: { ...plain, functions: ["folioAddRmap"] }, other: marked })).toBe(false);
  });
});
