/** Interrupted and resumed searches of machine race: nodes of access trees must get the same numbers again. */
import { describe, expect, test } from "vitest";
import type { Model } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import { searchRevised } from "../../explore/search/revised.ts";
import { type SearchOptions, type SearchResult, search } from "../../explore/search/search.ts";
import { DATA_RACES } from "../../model/race/race.ts";
import { modelOf, resolve } from "../../verify/job/job.ts";

const BOUNDS = { cpus: 2, pages: 2, mms: 2, pmd: 0, references: 0, readers: 0 };

const modelWith = (bounds: object, kernel: string = "v7.1"): Model<unknown, unknown, unknown> =>
  modelOf(resolve({ machine: "race", kernel, config: "no-page-mapcount", bounds: { ...BOUNDS, ...bounds } })) as never;

const subject = "this test";

/** Searches until the budget is exhausted. @returns the checkpoint */
function interrupted(model: ReturnType<typeof modelWith>, options: SearchOptions, resume?: Uint8Array): Uint8Array {
  let saved = new Uint8Array(0);
  const save = (chunks: Iterable<Uint8Array>): void => {
    saved = Uint8Array.from(Buffer.concat(Array.from(chunks, (chunk) => chunk.slice())));
  };
  searchRevised(model, { ...options, checkpoint: { subject, save, ...(resume && { resume: [resume] }) } });
  return saved;
}

function outcomeOf({ seconds: _, resumedAt: __, tableBytes: ___, ...outcome }: SearchResult): object {
  return outcome;
}

describe.each([
  ["", {}, {}],
  [" under x86-TSO, of one MM", { tso: 1, mms: 1 }, {}],
  [" without merging, of one MM", { merge: 0, mms: 1 }, {}],
  [" with classes of positions, of one MM", { classes: 1, mms: 1 }, {}],
])("a search%s", (_, bounds, options) => {
  test("has the same result when it is interrupted and resumed three times", () => {
    const { result: whole } = searchRevised(modelWith(bounds), options);
    // The first interruption is before an assumption about protected accesses fails.
    let saved: Uint8Array | undefined;
    for (const share of [0.01, 0.3, 0.7]) {
      const budget = { maxStates: Math.floor(share * whole.states) };
      saved = interrupted(modelWith(bounds), { ...options, budget }, saved);
    }
    const { result } = searchRevised(modelWith(bounds), {
      ...options,
      checkpoint: { subject, resume: [saved as Uint8Array] },
    });
    expect(result.resumedAt?.states).toBeGreaterThan(0.7 * whole.states);
    expect(outcomeOf(result)).toEqual(outcomeOf(whole));
  });
});

test("data races found before a checkpoint keep their warnings after it is restored", () => {
  const [before, after] = [modelWith({}, "sub-without-lock"), modelWith({}, "sub-without-lock")];
  searchRevised(before, {});
  const saved = JSON.parse(JSON.stringify(before.learned?.save()));
  expect(after.learned?.restore(saved)).toBe(true);
  expect(after.warnings?.data?.(DATA_RACES.first)).toMatchObject({ kind: "data-race" });
  expect(after.warnings?.data?.(DATA_RACES.first)).toEqual(before.warnings?.data?.(DATA_RACES.first));
});

test("a checkpoint is refused by a kernel whose threads make different accesses", () => {
  const saved = interrupted(modelWith({}), { budget: { maxStates: 500 } });
  const other = compile(modelWith({}, "add-unlocks-before-slots"));
  expect(() => search(other, { checkpoint: { subject, resume: [saved] } })).toThrow(
    "does not do what it did when this checkpoint was taken",
  );
});
