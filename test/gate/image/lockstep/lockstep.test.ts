import { describe, expect, test } from "vitest";
import { type ExecutedOperation, Lockstep, LockstepCounts } from "../../../../gate/image/lockstep/lockstep.ts";
import { fieldsOf } from "../../../../gate/image/lockstep/named-differences.ts";
import { EntryFlag, FrameFlag, VmaFlag } from "../../../../gate/image/world/world-layout.ts";
import { parseConfig } from "../../../../model/kernel/config.ts";
import { v6_18 } from "../../../../model/kernels/v6-18.ts";
import { lockstepSentence } from "../../../../report/text/lockstep.ts";
import { FIRST, WorldWords } from "./world-words.ts";

const counts = new LockstepCounts();
const lockstep = new Lockstep({ kernel: v6_18(parseConfig("")), tables: [FIRST], hasSoftDirty: false }, counts);
let state = 0;

/** Returns the differences of a transition. */
function differences(
  before: WorldWords,
  operation: string,
  parameters: readonly number[],
  after: WorldWords,
  refused = false,
): ReturnType<typeof fieldsOf> {
  state += 1;
  lockstep.startFrom(state, { world: () => before.words, vmas: () => before.vmas });
  const executed: ExecutedOperation = { operation, parameters, refused };
  return fieldsOf(lockstep.compare(executed, after.words), after.words, after.words, [FIRST]);
}

const oneLarge = (): WorldWords => new WorldWords().process(0).large(16, 0);

/** Returns the state after MADV_DONTNEED of the first page. */
const withoutFirst = (): WorldWords =>
  oneLarge()
    .entry(0, FIRST, 0, 0)
    .fields(16, {
      mapcount: -1,
      nrPagesMapped: 3,
      flags: FrameFlag.anon | FrameFlag.exclusive | FrameFlag.partiallyMapped | FrameFlag.deferred,
    })
    .mappings(16, 3)
    .slot(16, 0, 0, 3)
    .node(3, 0);

const MADV_DONTNEED = [0, FIRST, 1, 4];

describe("image and model in lockstep", () => {
  test("image and model agree on the unmapping of a page", () => {
    expect(differences(oneLarge(), "madvise", MADV_DONTNEED, withoutFirst())).toEqual([]);
  });

  test.each<[string, (words: WorldWords) => WorldWords, object]>([
    [
      "a reference",
      (words) => words.fields(16, { refcount: 4 }),
      { place: { kind: "folio", folio: "A" }, field: "refcount", model: 3, image: 4 },
    ],
    [
      "an owner",
      (words) => words.fields(16, { mmId: 0 }),
      { place: { kind: "folio", folio: "A" }, field: "owner in slot 0", model: "process 0", image: "none" },
    ],
    [
      "a page mapcount",
      (words) => words.fields(17, { mapcount: 1 }),
      { place: { kind: "page", folio: "A", page: 1 }, field: "mapcount", model: 1, image: 2 },
    ],
    [
      "an exclusive page",
      (words) => words.fields(18, { flags: 0 }),
      { place: { kind: "page", folio: "A", page: 2 }, field: "exclusive", model: true, image: false },
    ],
    [
      "an entry",
      (words) => words.entry(0, FIRST + 1, EntryFlag.present, 17),
      { place: { kind: "entry", process: 0, page: FIRST + 1 }, field: "writable", model: true, image: false },
    ],
    [
      "the page that an entry maps",
      (words) => words.entry(0, FIRST + 1, EntryFlag.present | EntryFlag.write, 19),
      {
        place: { kind: "entry", process: 0, page: FIRST + 1 },
        field: "maps",
        model: { folio: "A", page: 1 },
        image: { folio: "A", page: 3 },
      },
    ],
    [
      "the statistics",
      (words) => words.node(4, 0),
      { place: { kind: "statistics" }, field: "NR_ANON_MAPPED", model: 3, image: 4 },
    ],
  ])("image and model differ in %s", (_, change, difference) => {
    expect(differences(oneLarge(), "madvise", MADV_DONTNEED, change(withoutFirst()))).toEqual([difference]);
  });

  test("image and model differ if a folio remains or is freed in the image only", () => {
    const gone = new WorldWords().process(0);
    const kept = gone.copy().small(16, 0).fields(16, { refcount: 1 });
    const all = [0, FIRST, 8, 4];
    expect(differences(oneLarge(), "madvise", all, gone)).toEqual([]);
    expect(differences(oneLarge(), "madvise", all, kept)).toEqual([
      { place: { kind: "folio", folio: null }, field: "pages", model: "no such folio", image: 1 },
    ]);
    const lost = differences(oneLarge(), "madvise", MADV_DONTNEED, gone);
    expect(lost).toContainEqual({
      place: { kind: "folio", folio: null },
      field: "pages",
      model: 4,
      image: "no such folio",
    });
  });

  test("new folios of image and model are matched, regardless of their frames", () => {
    const before = new WorldWords().process(0);
    const written = (expected: number, content: number): WorldWords =>
      new WorldWords()
        .process(0)
        .small(30, 1, FrameFlag.exclusive)
        .fields(30, { content })
        .entry(0, FIRST + 1, EntryFlag.present | EntryFlag.write, 30, expected)
        .node(1, 0);
    const write = [0, FIRST + 1, 1, 2];
    // A folio of one page although an order of 2 was requested: the range exceeds the VMA.
    expect(differences(before, "fault", write, written(9, 9))).toEqual([]);
    expect(differences(before, "fault", write, written(9, 0))).toEqual([
      { place: { kind: "page", folio: "A", page: 0 }, field: "content", model: 9, image: 0 },
    ]);
  });

  test("image and model agree on an rmap walk in the order of the image", () => {
    const processes = (): WorldWords => new WorldWords().process(0).process(1);
    const before = processes().migrating(16, [0, 1]);
    const undone = (first: number, second: number): WorldWords => processes().shared(16, [first, second]);
    expect(differences(before, "migrate_undo", [], undone(0, 1))).toEqual([]);
    expect(differences(before, "migrate_undo", [], undone(1, 0))).toEqual([]);
    expect(differences(before, "migrate_undo", [], undone(0, 1).slot(16, 1, 0, 4))).toHaveLength(1);
  });

  test("image and model agree on mprotect() where the permissions change, and on entries with MADV_DONTFORK", () => {
    const protect = [0, FIRST, 2, 1];
    const before = oneLarge().vma(0, FIRST, 4, VmaFlag.present | VmaFlag.write);
    const readOnly = before
      .copy()
      .entry(0, FIRST, EntryFlag.present, 16)
      .entry(0, FIRST + 1, EntryFlag.present, 17);
    expect(differences(before, "mprotect", protect, readOnly)).toEqual([]);
    expect(differences(before, "mprotect", protect, before).map(({ place }) => place)).toEqual([
      { kind: "entry", process: 0, page: FIRST },
      { kind: "entry", process: 0, page: FIRST + 1 },
    ]);
    const unchanged = oneLarge().vma(0, FIRST, 4, VmaFlag.present);
    expect(differences(unchanged, "mprotect", protect, unchanged)).toEqual([]);
    const kept = oneLarge().vma(0, FIRST, 4, VmaFlag.present | VmaFlag.dontfork);
    expect(differences(kept, "fork", [0, 2], kept.copy().process(1))).toEqual([]);
    expect(differences(before, "fork", [0, 2], before.copy().process(1)).length).toBeGreaterThan(0);
  });

  test("image and model differ if the model's operation is not enabled, or warns", () => {
    const migration = new WorldWords().process(0).small(16, 0).entry(0, FIRST, EntryFlag.migration, 16);
    expect(differences(migration, "fault", [0, FIRST, 1, 0], migration)).toEqual([
      { place: { kind: "model" }, field: "write", model: "not enabled", image: "done" },
    ]);
    const without = withoutFirst().slot(16, 0, 0, 0);
    const [difference] = differences(without, "madvise", [0, FIRST, 8, 4], new WorldWords().process(0));
    expect(difference).toMatchObject({ place: { kind: "model" }, model: { warning: expect.any(String) } });
  });
});

test("counts compared transitions by operation, and others by reason", () => {
  const counted = new LockstepCounts();
  const own = new Lockstep({ kernel: v6_18(parseConfig("")), tables: [FIRST], hasSoftDirty: true }, counted);
  const { words, vmas } = new WorldWords().process(0);
  own.startFrom(1, { world: () => words, vmas: () => vmas });
  const take = (operation: string, parameters: readonly number[], refused = false): void => {
    own.compare({ operation, parameters, refused }, words);
  };
  take("madvise", [0, FIRST, 8, 4]);
  take("madvise", [0, FIRST, 8, 8]);
  take("mremap", [0, FIRST, 8, 40], true);
  take("mprotect", [0, FIRST, 8, 1]);
  take("mprotect", [0, FIRST, 8, 3]);
  take("unheard_of", []);
  // Repeated transitions are not counted.
  take("madvise", [0, FIRST, 8, 4]);
  const rows = counted.all.map(({ operation, compared, notCompared }) => [
    operation,
    compared,
    notCompared.map(({ reason, transitions }) => `${transitions} ${reason}`).join(),
  ]);
  expect(rows).toEqual([
    ["dontneed", 1, ""],
    ["madvFree", 0, "1 the model has no lazyfree folios"],
    ["mremap", 0, "1 it is refused, and may have moved a part"],
    ["mprotect", 1, "1 the model has no soft-dirty bits"],
    ["unheard_of", 0, "1 the model has no such operation"],
  ]);
});

test("formats a difference as one sentence with the values of both sides", () => {
  const fields = differences(oneLarge(), "madvise", MADV_DONTNEED, withoutFirst().fields(16, { refcount: 5 }));
  expect(lockstepSentence(fields)).toBe("refcount of folio A: 3 in the model, 5 in the image");
  expect(lockstepSentence([...fields, ...fields])).toBe(
    "refcount of folio A: 3 in the model, 5 in the image, and 1 more",
  );
});
