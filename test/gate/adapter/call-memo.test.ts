/** The caches of calls and of query results: a cached entry is used for the same call only. */

import { describe, expect, test } from "vitest";
import { assign } from "../../../explore/model/json.ts";
import { array, bool, int, struct } from "../../../explore/model/schema.ts";
import { packedState } from "../../../explore/packed/packed.ts";
import { CallMemo } from "../../../gate/adapter/call-memo.ts";
import { QueryCache } from "../../../gate/adapter/query-cache.ts";
import * as fc from "../../fast-check.ts";

interface Folio {
  count: number;
  refs: number;
  shared: boolean;
  wide: number;
}

const large = struct({ count: int(-1, 62), refs: int(0, 30), shared: bool(), wide: int(0, 2 ** 30) });
/** A struct with the same fields, of another kind. */
const twin = struct({ ...large.fields });
const schema = struct({ folios: array(large, 2), twin, small: struct({ count: int(0, 1), refs: int(0, 1) }) });

type Arguments = readonly [a: number, b: number, c: number, d: number];

// Few values of each, so that many calls differ in one value only.
const folioOf = fc.record({
  count: fc.integer({ min: -1, max: 0 }),
  refs: fc.nat(1),
  shared: fc.boolean(),
  wide: fc.constantFrom(0, 2 ** 30),
});
const argument = fc.oneof({ weight: 9, arbitrary: fc.nat(1) }, fc.constantFrom(127, 128, -1, 32768));
const callOf = fc.record({
  code: fc.integer({ min: 64, max: 65 }),
  args: fc.tuple(argument, argument, argument, argument),
  folio: folioOf,
  where: fc.constantFrom("first", "second", "twin" as const),
});

/** The effect of a fictitious function: it depends on every input. */
function does(code: number, [a, b, c, d]: Arguments, { count, refs, shared, wide }: Folio, isTwin: boolean) {
  const mix = (factor: number): number => {
    let sum = isTwin ? factor : 0;
    for (const each of [code, a, b, c, d, count, refs, shared ? 1 : 0, wide]) {
      sum = (Math.imul(sum + each, factor) ^ (sum >>> 7)) | 0;
    }
    return sum;
  };
  return {
    result: mix(31),
    changes: Int32Array.of(0, mix(37) % 128, -(mix(41) & 127), mix(43) % 150, mix(47) % 7),
    folio: { count: mix(53) & 31, refs: mix(59) & 15, shared: mix(61) % 2 === 0, wide: mix(67) & 0xfffff },
  };
}

describe("CallMemo", () => {
  const fresh = () => {
    const { draft } = packedState(schema);
    const [first, second] = draft.folios as unknown as readonly Folio[];
    return {
      memo: new CallMemo((code) => `function ${code}`),
      places: { first: first as Folio, second: second as Folio, twin: draft.twin as unknown as Folio },
      small: draft.small,
    };
  };

  test("finds calls of the same function with the same arguments on the same folio, and no others", () => {
    let hits = 0;
    fc.assert(
      fc.property(fc.array(callOf, { minLength: 50, maxLength: 300 }), (calls) => {
        const { memo, places } = fresh();
        for (const { code, args, folio, where } of [...calls, ...calls]) {
          const place = places[where];
          Object.assign(place, folio);
          const done = does(code, args, folio, where === "twin");
          const at = memo.find(place, code, ...args);
          if (at < 0) {
            Object.assign(place, done.folio);
            memo.put(place, done.result, done.changes, 1);
          } else {
            hits += 1;
            memo.restore(at, place);
            expect(memo.result(at)).toBe(done.result);
            expect([0, 1, 2, 3].map((i) => memo.change(at, i))).toEqual([...done.changes.subarray(1)]);
          }
          const { count, refs, shared, wide } = place;
          expect({ count, refs, shared, wide }).toEqual(done.folio);
        }
      }),
    );
    expect(hits).toBeGreaterThan(1000);
  });

  test("replaces cached calls by later ones", () => {
    const { memo, places } = fresh();
    const keepAll = (): number => {
      let hits = 0;
      for (let wide = 0; wide < 200_000; wide++) {
        Object.assign(places.first, { count: 0, refs: 0, shared: false, wide });
        const at = memo.find(places.first, 64);
        if (at >= 0) {
          hits += 1;
          expect(memo.result(at)).toBe(wide);
        } else {
          memo.put(places.first, wide);
        }
      }
      return hits;
    };
    expect(keepAll()).toBe(0);
    expect(keepAll()).toBeGreaterThan(10_000);
    // Calls of other functions on the same folios: some have the slots of cached calls.
    for (let code = 65; code < 90; code++) {
      for (let wide = 0; wide < 200_000; wide++) {
        places.first.wide = wide;
        if (memo.find(places.first, code) >= 0) {
          throw new Error(`a call of function ${code} is taken for one of function 64`);
        }
      }
    }
  });

  test("has calls executed again at intervals, and throws if the effects differ", () => {
    const { memo, places } = fresh();
    const { first } = places;
    memo.find(first, 64, 1);
    memo.put(first, 7);
    const again = Array.from({ length: 1000 }, () => memo.find(first, 64, 1)).filter((at) => at < 0).length;
    expect(again).toBeGreaterThan(5);
    expect(again).toBeLessThan(100);
    memo.rechecksAll = true;
    expect(memo.find(first, 64, 1)).toBeLessThan(0);
    memo.put(first, 7);
    memo.rechecksAll = false;
    const other = [
      () => memo.put(first, 8),
      () => memo.put(first, 7, Int32Array.of(0, 1, 0, 0)),
      () => {
        first.refs = 3;
        memo.put(first, 7);
      },
    ];
    for (const doOtherwise of other) {
      Object.assign(first, { count: -1, refs: 0, shared: false, wide: 0 });
      while (memo.find(first, 64, 1) >= 0) {
        // Until it is executed again.
      }
      expect(doOtherwise).toThrow("two calls of function 64 with the same folio and arguments have different effects");
    }
  });

  test("restores the folio of the last find(), and caches nothing after skip()", () => {
    const { memo, places } = fresh();
    const { first } = places;
    assign(large, first, { count: 5, refs: 3, shared: true, wide: 9 });
    expect(memo.find(first, 64)).toBeLessThan(0);
    expect(memo.isCacheable).toBe(true);
    assign(large, first, { count: 6, refs: 4, shared: false, wide: 10 });
    memo.undo(first);
    expect(first).toMatchObject({ count: 5, refs: 3, shared: true, wide: 9 });
    expect(memo.skip()).toBeLessThan(0);
    expect(memo.isCacheable).toBe(false);
    memo.put(first, 1);
    expect(memo.find(first, 64)).toBeLessThan(0);
  });

  test("caches calls on packed records of different lengths, and no others", () => {
    const { memo, places, small } = fresh();
    places.first.count = 3;
    const plain = { count: 0, refs: 0, shared: false, wide: 0 };
    const folios = [small, places.first, plain, small];
    for (const folio of folios) {
      memo.find(folio, 64);
      memo.put(folio, 3);
    }
    expect(memo.find(plain, 64)).toBeLessThan(0);
    expect(memo.find(small, 64)).toBeGreaterThanOrEqual(0);
    // The longer folio cleared the cache; shorter folios fit, too.
    expect(memo.find(places.first, 64)).toBeGreaterThanOrEqual(0);
  });
});

describe("QueryCache", () => {
  const fresh = () => {
    const { draft } = packedState(schema);
    return { answers: new QueryCache(8, (which) => `answer ${which}`), draft };
  };

  test("finds results of the same query of the same folio, and no others", () => {
    let hits = 0;
    const query = fc.record({ which: fc.nat(7), folio: folioOf, isTwin: fc.boolean() });
    fc.assert(
      fc.property(fc.array(query, { minLength: 50, maxLength: 300 }), (questions) => {
        const { answers, draft } = fresh();
        for (const { which, folio, isTwin } of [...questions, ...questions]) {
          const place = (isTwin ? draft.twin : draft.folios[1]) as unknown as Folio;
          Object.assign(place, folio);
          const { result } = does(which, [0, 0, 0, 0], folio, isTwin);
          const at = answers.find(place, which);
          if (at < 0) {
            answers.put(result);
          } else {
            hits += 1;
            expect(answers.get(at)).toBe(result);
          }
        }
      }),
    );
    expect(hits).toBeGreaterThan(1000);
  });

  test("has functions queried again at intervals, and throws if the results differ", () => {
    const { answers, draft } = fresh();
    const folio = draft.folios[0] as object;
    answers.find(folio, 3);
    answers.put(1);
    answers.rechecksAll = true;
    expect(answers.find(folio, 3)).toBeLessThan(0);
    answers.put(1);
    answers.rechecksAll = false;
    expect(() => {
      for (let i = 0; i < 1000; i++) {
        if (answers.find(folio, 3) < 0) {
          answers.put(0);
        }
      }
    }).toThrow("two calls of answer 3 with the same folio return different results");
  });

  test("caches results for packed records only", () => {
    const { answers, draft } = fresh();
    answers.find(draft.small, 0);
    answers.put(5);
    expect(answers.find({ count: 0 }, 0)).toBeLessThan(0);
    answers.put(6);
    expect(answers.get(answers.find(draft.small, 0))).toBe(5);
  });
});
