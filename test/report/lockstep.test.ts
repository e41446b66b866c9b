import { expect, test } from "vitest";
import type { LockstepField } from "../../gate/image/lockstep/named-differences.ts";
import { plainText } from "../../report/text/block.ts";
import { lockstepDifferenceLines, lockstepLines } from "../../report/text/lockstep.ts";

test("a report counts the transitions that were compared with the model, and has the reasons for the others", () => {
  const counts = [
    { operation: "write", compared: 1200, notCompared: [] },
    {
      operation: "reclaim",
      compared: 0,
      notCompared: [{ reason: "the model has no lazyfree folios", transitions: 7 }],
    },
    {
      operation: "split",
      compared: 3,
      notCompared: [
        { reason: "one thing", transitions: 2 },
        { reason: "another thing", transitions: 1 },
      ],
    },
  ];
  expect(plainText(lockstepLines(counts))).toMatchInlineSnapshot(`
    "Compared with the model
               compared  not compared  because
      write       1,200             0
      reclaim         0             7  the model has no lazyfree folios
      split           3             3  one thing (2); another thing (1)
    "
  `);
  expect(lockstepLines([])).toEqual([]);
});

test("a trace has both sides of each field that differs", () => {
  const fields: readonly LockstepField[] = [
    { place: { kind: "folio", folio: "A" }, field: "refcount", model: 3, image: 4 },
    { place: { kind: "entry", process: 0, page: 8 }, field: "writable", model: true, image: false },
  ];
  expect(plainText(lockstepDifferenceLines(fields))).toMatchInlineSnapshot(`
    "
      where              what      model  image
      folio A            refcount  3      4
      process 0, page 0  writable  yes    no

    "
  `);
});
