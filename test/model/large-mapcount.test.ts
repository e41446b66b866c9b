import { describe, expect, it } from "vitest";
import type { MmStruct } from "../../model/state/structs.ts";
import { freshKernel } from "./session.ts";
import { folioWith, mmA, mmB, mmC, type SlotWords, slotWords } from "./structs.ts";

interface Tracking {
  readonly mapcount: number;
  readonly slots: readonly [SlotWords, SlotWords];
  readonly shared?: boolean;
}

interface Row {
  readonly case: string;
  readonly before: Tracking;
  readonly mm: MmStruct;
  readonly diff: number;
  readonly after: Tracking;
  readonly config?: string;
}

const UNMAPPED: Tracking = { mapcount: 0, slots: ["-", "-"] };
const OVERFLOW = "32bit,mm-id-mapcount-max=3";

const ADDS: readonly Row[] = [
  {
    case: "takes slot 0 of an unmapped folio: exclusive",
    before: UNMAPPED,
    mm: mmA,
    diff: 3,
    after: { mapcount: 3, slots: ["A3", "-"] },
  },
  {
    case: "takes slot 0 when slot 1 is taken: shared",
    before: { mapcount: 2, slots: ["-", "B2"] },
    mm: mmA,
    diff: 2,
    after: { mapcount: 4, slots: ["A2", "B2"], shared: true },
  },
  {
    case: "takes slot 0 when others are untracked: shared",
    before: { mapcount: 2, slots: ["-", "-"] },
    mm: mmA,
    diff: 1,
    after: { mapcount: 3, slots: ["A1", "-"], shared: true },
  },
  {
    case: "adds to slot 0 and leaves an exclusive folio exclusive",
    before: { mapcount: 1, slots: ["A1", "-"] },
    mm: mmA,
    diff: 2,
    after: { mapcount: 3, slots: ["A3", "-"] },
  },
  {
    case: "adds to slot 0 and leaves a shared folio shared",
    before: { mapcount: 2, slots: ["A1", "B1"], shared: true },
    mm: mmA,
    diff: 1,
    after: { mapcount: 3, slots: ["A2", "B1"], shared: true },
  },
  {
    case: "adds to slot 1 although slot 0 is free: one MM, one slot",
    before: { mapcount: 1, slots: ["-", "B1"] },
    mm: mmB,
    diff: 4,
    after: { mapcount: 5, slots: ["-", "B5"] },
  },
  {
    case: "adds to slot 1",
    before: { mapcount: 3, slots: ["A2", "B1"], shared: true },
    mm: mmB,
    diff: 3,
    after: { mapcount: 6, slots: ["A2", "B4"], shared: true },
  },
  {
    case: "takes slot 1 when slot 0 is taken: shared",
    before: { mapcount: 4, slots: ["A4", "-"] },
    mm: mmB,
    diff: 4,
    after: { mapcount: 8, slots: ["A4", "B4"], shared: true },
  },
  {
    case: "stays untracked when both slots are taken, and changes no flag",
    before: { mapcount: 2, slots: ["A1", "B1"] },
    mm: mmC,
    diff: 4,
    after: { mapcount: 6, slots: ["A1", "B1"] },
  },
  {
    case: "fills slot 0 up to the limit on 32-bit",
    before: { mapcount: 2, slots: ["A2", "-"] },
    mm: mmA,
    diff: 2,
    config: OVERFLOW,
    after: { mapcount: 4, slots: ["A4", "-"] },
  },
  {
    case: "frees slot 0 and marks the folio as shared when it overflows on 32-bit",
    before: { mapcount: 3, slots: ["A3", "-"] },
    mm: mmA,
    diff: 2,
    config: OVERFLOW,
    after: { mapcount: 5, slots: ["-", "-"], shared: true },
  },
  {
    case: "frees slot 1 when it overflows on 32-bit, and keeps slot 0",
    before: { mapcount: 6, slots: ["A2", "B4"], shared: true },
    mm: mmB,
    diff: 1,
    config: OVERFLOW,
    after: { mapcount: 7, slots: ["A2", "-"], shared: true },
  },
  {
    case: "counts only, without CONFIG_MM_ID",
    before: UNMAPPED,
    mm: mmA,
    diff: 3,
    config: "no-mm-id",
    after: { mapcount: 3, slots: ["-", "-"] },
  },
];

const SUBS: readonly Row[] = [
  {
    case: "lowers slot 0 and does not look at the shared bit, even if one slot owns all mappings",
    before: { mapcount: 3, slots: ["A3", "-"], shared: true },
    mm: mmA,
    diff: 1,
    after: { mapcount: 2, slots: ["A2", "-"], shared: true },
  },
  {
    case: "lowers slot 1 and does not look at the shared bit",
    before: { mapcount: 3, slots: ["-", "B3"], shared: true },
    mm: mmB,
    diff: 2,
    after: { mapcount: 1, slots: ["-", "B1"], shared: true },
  },
  {
    case: "frees slot 0 at zero: slot 1 owns all mappings, exclusive",
    before: { mapcount: 5, slots: ["A2", "B3"], shared: true },
    mm: mmA,
    diff: 2,
    after: { mapcount: 3, slots: ["-", "B3"] },
  },
  {
    case: "frees slot 1 at zero: slot 0 owns all mappings, exclusive",
    before: { mapcount: 5, slots: ["A2", "B3"], shared: true },
    mm: mmB,
    diff: 3,
    after: { mapcount: 2, slots: ["A2", "-"] },
  },
  {
    case: "frees slot 0 at zero: others are untracked, shared stays",
    before: { mapcount: 6, slots: ["A2", "B3"], shared: true },
    mm: mmA,
    diff: 2,
    after: { mapcount: 4, slots: ["-", "B3"], shared: true },
  },
  {
    case: "frees slot 0 when it underflows",
    before: { mapcount: 6, slots: ["A1", "B3"], shared: true },
    mm: mmA,
    diff: 3,
    after: { mapcount: 3, slots: ["-", "B3"] },
  },
  {
    case: "frees slot 1 when it underflows",
    before: { mapcount: 7, slots: ["A2", "B1"], shared: true },
    mm: mmB,
    diff: 4,
    after: { mapcount: 3, slots: ["A2", "-"], shared: true },
  },
  {
    case: "of an untracked MM touches no slot; the last of them makes slot 0 own all",
    before: { mapcount: 4, slots: ["A3", "-"], shared: true },
    mm: mmC,
    diff: 1,
    after: { mapcount: 3, slots: ["A3", "-"] },
  },
  {
    case: "of an untracked MM leaves the folio shared while slots do not own all",
    before: { mapcount: 6, slots: ["A2", "B1"], shared: true },
    mm: mmC,
    diff: 2,
    after: { mapcount: 4, slots: ["A2", "B1"], shared: true },
  },
  {
    case: "of the last mapping marks the folio as exclusive: both slots are free",
    before: { mapcount: 2, slots: ["-", "-"], shared: true },
    mm: mmC,
    diff: 2,
    after: UNMAPPED,
  },
  {
    case: "of the last tracked mapping leaves a fresh folio",
    before: { mapcount: 4, slots: ["-", "B4"] },
    mm: mmB,
    diff: 4,
    after: UNMAPPED,
  },
  {
    case: "counts only, without CONFIG_MM_ID",
    before: { mapcount: 3, slots: ["-", "-"] },
    mm: mmA,
    diff: 2,
    config: "no-mm-id",
    after: { mapcount: 1, slots: ["-", "-"] },
  },
];

function expectStep(row: Row, operation: "folioAddReturnLargeMapcount" | "folioSubReturnLargeMapcount"): void {
  const { before, after, mm, diff } = row;
  const kernel = freshKernel(row.config);
  const folio = folioWith({ ...before, mmIdsShared: before.shared ?? false });
  expect(kernel[operation](folio, diff, mm)).toBe(after.mapcount);
  expect(slotWords(folio)).toEqual(after.slots);
  expect(folio.largeMapcount).toBe(after.mapcount - 1);
  expect(folio.mmIdsShared).toBe(after.shared ?? false);
  expect(kernel.warnings.first).toBe(0);
}

describe("Adding mappings", () => {
  it.each(ADDS)("Adding mappings: $case", (row) => {
    expectStep(row, "folioAddReturnLargeMapcount");
  });
});

describe("Removing mappings", () => {
  it.each(SUBS)("Removing mappings: $case", (row) => {
    expectStep(row, "folioSubReturnLargeMapcount");
  });
});

describe("Setting the mapcount of a new folio", () => {
  it("Setting the mapcount of a new folio tracks its MM in slot 0", () => {
    const kernel = freshKernel();
    const folio = folioWith();
    kernel.folioSetLargeMapcount(folio, 4, mmB);
    expect(slotWords(folio)).toEqual(["B4", "-"]);
    expect(folio).toMatchObject({ largeMapcount: 3, mmIdsShared: false });
    expect(kernel.warnings.first).toBe(0);
  });

  it("Setting the mapcount of a new folio only counts without CONFIG_MM_ID", () => {
    const folio = folioWith();
    freshKernel("no-mm-id").folioSetLargeMapcount(folio, 4, mmB);
    expect(slotWords(folio)).toEqual(["-", "-"]);
    expect(folio.largeMapcount).toBe(3);
  });
});

describe("A folio is maybe mapped shared", () => {
  it.each([
    { case: "small, unmapped", folio: folioWith({ nrPages: 1 }), shared: false },
    { case: "small, mapped once", folio: folioWith({ nrPages: 1, pageMapcounts: [1] }), shared: false },
    { case: "small, mapped twice", folio: folioWith({ nrPages: 1, pageMapcounts: [2] }), shared: true },
    { case: "small, with CONFIG_MM_ID off", folio: folioWith({ nrPages: 1 }), config: "no-mm-id", shared: false },
    { case: "large, with CONFIG_MM_ID off", folio: folioWith({ mapcount: 1 }), config: "no-mm-id", shared: true },
    { case: "large, unmapped", folio: folioWith({ mmIdsShared: true }), shared: false },
    { case: "large, mapped once, marked", folio: folioWith({ mapcount: 1, mmIdsShared: true }), shared: false },
    { case: "large, mapped twice, marked", folio: folioWith({ mapcount: 2, mmIdsShared: true }), shared: true },
    { case: "large, mapped twice, not marked", folio: folioWith({ mapcount: 2 }), shared: false },
    { case: "large, whose first page is mapped often", folio: folioWith({ pageMapcounts: [9] }), shared: false },
  ])("A folio is maybe mapped shared: $case: $shared", ({ folio, config, shared }) => {
    expect(freshKernel(config).folioMaybeMappedShared(folio)).toBe(shared);
  });
});

describe("The id of an MM", () => {
  it("The id of an MM is that of its place from allocation to the last reference, and the dummy otherwise", () => {
    const kernel = freshKernel();
    const mm = { idNumber: 3, hasId: false, hasPinned: false };
    expect(mm.hasId).toBe(false);
    kernel.mmAllocId(mm);
    expect(mm.hasId).toBe(true);
    kernel.mmput(mm);
    expect(mm.hasId).toBe(true);
    kernel.mmdrop(mm);
    expect(mm.hasId).toBe(false);
  });
});
