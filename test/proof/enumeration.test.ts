/** The invariant of owner tracking, by enumeration. */
import { describe, expect, test } from "vitest";
import type { NumberState } from "../../proof/check-obligations.ts";
import { enumerate, statesOf } from "../../proof/enumerate.ts";
import { STRONG, WEAK } from "../../proof/invariant.ts";
import { NUMBERS } from "../../proof/logic.ts";
import { coverage } from "../../proof/reachable.ts";
import { type PartName, satisfies, without } from "../../proof/theory.ts";
import { addsUp, isTruth, mapsThrice, mapsTwice, type TrackedMm } from "../../proof/tracked-state.ts";
import { functionsOf, OVERFLOW, OVERFLOW_CONFIG, refuted, SMALL } from "./enumerated.ts";

const tracking = functionsOf("v7.1", "");
const overflowing = functionsOf("v7.1", OVERFLOW_CONFIG);

describe("The invariant", () => {
  test("is kept by every operation, and implies the claims", () => {
    const { states, steps, obligations } = enumerate(tracking, STRONG, SMALL);
    expect(refuted(obligations)).toEqual([]);
    expect({ states, steps }).toEqual({ states: 452, steps: 1452 });
  });

  test("is kept where slots overflow", () => {
    const { states, obligations } = enumerate(overflowing, STRONG, OVERFLOW);
    expect(refuted(obligations)).toEqual([]);
    expect(states).toBe(3476);
  });

  test("is kept in its weak form, too", () => {
    expect(refuted(enumerate(tracking, WEAK, SMALL).obligations)).toEqual([]);
    expect(refuted(enumerate(overflowing, WEAK, OVERFLOW).obligations)).toEqual([]);
  });

  test.each([
    ["six MMs", tracking, SMALL, 6],
    ["five MMs where slots overflow", overflowing, { ...SMALL, mappings: 3 }, 5],
  ] as const)("describes exactly the states that %s reach", (_, functions, bounds, mms) => {
    const states = statesOf(STRONG, bounds, functions.limits);
    const { reached, missing, unreached } = coverage(functions, mms, STRONG, bounds, states);
    expect({ reached, missing, unreached }).toEqual({ reached: states.length, missing: [], unreached: 0 });
  });

  test("has more states than three MMs reach, and all that they do", () => {
    const states = statesOf(STRONG, SMALL, tracking.limits);
    const { reached, missing } = coverage(tracking, 3, STRONG, SMALL, states);
    expect({ reached, missing }).toEqual({ reached: 192, missing: [] });
  });

  test.each<[PartName, string]>([
    ["sum", "claim: C1 C17"],
    ["free", "claim: C20"],
    ["distinct", "sub: less"],
    ["less", "claim: C1 C17"],
    ["whole", "claim: C1 C17"],
    ["exact", "claim: C2"],
  ])("needs its part %s", (part, failing) => {
    const bounds = { pages: 2, mappings: 2, others: 2 };
    expect(refuted(enumerate(tracking, without(STRONG, part), bounds).obligations)).toContain(failing);
  });
});

describe("The MMs that map a folio", () => {
  const OTHERS = [
    { some: false, many: false, mms: 0 },
    { some: true, many: false, mms: 1 },
    { some: true, many: true, mms: 2 },
  ];

  test("are counted up to three, whatever their roles", () => {
    for (const mapped of combinations([0, 1], 3)) {
      for (const { mms, ...others } of OTHERS) {
        const count = mms + mapped.filter((mappings) => mappings > 0).length;
        const [owner0, owner1, actor] = mapped.map((mappings, i) => ({ id: i + 1, mappings })) as [Mm, Mm, Mm];
        const truth = {
          mappings: 0,
          mms: [owner0, owner1, actor] as const,
          others: { mappings: mms, ...others },
          exact: true,
        };
        expect([mapsTwice(NUMBERS, truth), mapsThrice(NUMBERS, truth)]).toEqual([count >= 2, count >= 3]);
      }
    }
  });
});

type Mm = TrackedMm<number>;

describe("The enumeration", () => {
  test("has true states only", () => {
    const { limits } = tracking;
    const states = statesOf(STRONG, SMALL, limits);
    expect(states.filter((state) => !(isTruth(NUMBERS, state, limits) && addsUp(NUMBERS, state)))).toEqual([]);
  });

  test("leaves out none", () => {
    const bounds = { pages: 1, mappings: 1, others: 2 };
    const { limits } = tracking;
    const all = [...everyState(bounds.mappings, bounds.others)].filter(
      (state) =>
        isTruth(NUMBERS, state, limits) &&
        addsUp(NUMBERS, state) &&
        // Others who are one MM map it as often as one MM does.
        (state.others.many || state.others.mappings <= bounds.mappings),
    );
    for (const invariant of [STRONG, WEAK, without(STRONG, "free"), without(STRONG, "distinct")]) {
      const found = new Set(statesOf(invariant, bounds, limits).map((state) => JSON.stringify(state)));
      const expected = all.filter((state) => satisfies(NUMBERS, invariant, state, limits));
      expect(expected.filter((state) => !found.has(JSON.stringify(state)))).toEqual([]);
      expect(found.size).toBe(expected.length);
    }
  });
});

/** States of all values, true or not, whose ids are those of the roles. */
function* everyState(mappings: number, others: number): Generator<NumberState> {
  const range = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const flags = [false, true];
  const people = range(0, mappings);
  for (const id0 of [0, 1]) {
    for (const id1 of [0, 1, 2]) {
      for (const actor of [1, 2, 3]) {
        // Ids are those of roles: 1 is the owner of slot 0.
        if ((actor !== 3 && actor !== id0 && actor !== id1) || (id1 === 1 && id0 !== 1)) {
          continue;
        }
        for (const [of0, of1, of2] of people.flatMap((a) => people.flatMap((b) => people.map((c) => [a, b, c])))) {
          for (const ofOthers of range(0, others)) {
            for (const [some, many, exact, shared, locked] of combinations(flags, 5)) {
              for (const [count0, count1] of range(-2, mappings).flatMap((a) =>
                range(-2, mappings).map((b) => [a, b]),
              )) {
                const total = (of0 ?? 0) + (of1 ?? 0) + (of2 ?? 0) + ofOthers;
                yield {
                  mappings: total,
                  mms: [
                    { id: id0, mappings: of0 ?? 0 },
                    { id: id1, mappings: of1 ?? 0 },
                    { id: actor, mappings: of2 ?? 0 },
                  ],
                  others: { mappings: ofOthers, some: some ?? false, many: many ?? false },
                  exact: exact ?? false,
                  largeMapcount: total - 1,
                  slots: [
                    { id: id0, count: count0 ?? 0 },
                    { id: id1, count: count1 ?? 0 },
                  ],
                  shared: shared ?? false,
                  locked: locked ?? false,
                };
              }
            }
          }
        }
      }
    }
  }
}

function combinations<T>(values: readonly T[], length: number): T[][] {
  return length === 0
    ? [[]]
    : combinations(values, length - 1).flatMap((rest) => values.map((each) => [...rest, each]));
}
