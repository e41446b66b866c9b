import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDelta, deltaOf } from "../../../report/html/delta.ts";

const json = fc.jsonValue({ maxDepth: 4 });

describe("the delta of two values", () => {
  test("the delta of two values leads from one to the other, also as JSON", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const copy = JSON.parse(JSON.stringify({ before, after, delta: deltaOf(before, after) }));
        expect(applyDelta(copy.before, copy.delta)).toEqual(copy.after);
      }),
    );
  });

  test("the delta of two values has only what differs", () => {
    const before = { folios: [{ refcount: 4, slots: [1, 2] }, { refcount: 1 }], stats: { anon: 4 }, gone: true };
    const after = { folios: [{ refcount: 5, slots: [1, 3] }, { refcount: 1 }], stats: { anon: 4 }, fresh: [] };
    expect(deltaOf(before, after)).toEqual([
      [["folios", 0, "refcount"], 5],
      [["folios", 0, "slots", 1], 3],
      [["fresh"], []],
      [["gone"]],
    ]);
  });

  test("applying a delta leaves the value before as it is", () => {
    const before = { a: { b: 1 } };
    expect(applyDelta(before, [[["a", "b"], 2]])).toEqual({ a: { b: 2 } });
    expect(before).toEqual({ a: { b: 1 } });
  });
});
