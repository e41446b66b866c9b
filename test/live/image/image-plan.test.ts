import { describe, expect, test } from "vitest";
import type { VisibleFolio, VisiblePage, VisibleState } from "../../../gate/image/world/visible-state.ts";
import { type ImagePlan, planImage } from "../../../live/image/image-plan.ts";
import type { ImageTrace, ImageTraceStep } from "../../../live/image/image-trace.ts";
import { PageFlag } from "../../../live/session/observation.ts";
import type { Operation } from "../../../live/session/operation.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { storedTrace } from "./stored-traces.ts";

const planned = (trace: ImageTrace): ImagePlan => planImage(trace, DEFAULT_CONFIG);
const operationsOf = (trace: ImageTrace): readonly Operation[] =>
  planned(trace).operations.map(({ operation }) => operation);

/** Returns entries of a process that map a folio from its first page on. */
function mapped(folio: number, first: number, count: number, more: Partial<VisiblePage> = {}): VisiblePage[] {
  return Array.from({ length: count }, (_, index) => ({
    page: first + index,
    folio,
    index,
    mapcount: 1,
    exclusive: true,
    content: 0,
    ...more,
  }));
}

function visible(folios: readonly VisibleFolio[], ...processes: VisibleState["processes"]): VisibleState {
  return { processes: [0, 1, 2].map((mm) => processes[mm] ?? null), folios };
}

const NOTHING = visible([], []);
const HUGE: VisibleFolio = { number: 1, pages: 8 };
const LARGE: VisibleFolio = { number: 1, pages: 4 };

function step(action: string, parameters: ImageTraceStep["parameters"], visibleAfter?: VisibleState): ImageTraceStep {
  return { action, parameters, ...(visibleAfter && { visible: visibleAfter }) };
}

const writeHuge = step(
  "write",
  { mm: 0, fault: { page: 0, order: 3 } },
  visible([HUGE], mapped(1, 8, 8, { content: 1 })),
);

function trace(...steps: readonly ImageTraceStep[]): ImageTrace {
  return { bounds: { mms: 3, pages: 8 }, visible: NOTHING, steps };
}

describe("the plan of a trace", () => {
  test("the plan has entries of 64 pages if a PMD maps a folio", () => {
    const { run, session } = planned(storedTrace("copy-on-write-of-a-huge-page"));
    expect(run).toBe(64);
    expect(session).toEqual({ mms: 2, pages: 8, anon: 1, file: 0, holders: 0, run: 64, mapped: 8 });
  });

  test("the plan has entries of one page if no PMD maps a folio", () => {
    const { run, session } = planned(storedTrace("copy-on-write-of-a-large-folio"));
    expect(run).toBe(1);
    expect(session).toMatchObject({ pages: 8, run: 1, mapped: 8 });
  });

  test("the plan has entries for the destination of mremap()", () => {
    const { session } = planned(storedTrace("split-of-a-huge-page"));
    expect(session).toMatchObject({ pages: 42, mapped: 8 });
  });

  test("the plan has an operation of user space for each step", () => {
    expect(operationsOf(storedTrace("copy-on-write-of-a-huge-page"))).toEqual([
      { kind: "newMm", mm: 0 },
      { kind: "faultIn", mm: 0, first: 0, count: 8, value: 1 },
      { kind: "fork", parent: 0, child: 1 },
      { kind: "write", mm: 1, entry: 4, value: 34 },
      { kind: "advise", mm: 0, first: 0, count: 4, advice: 4 },
      { kind: "exit", mm: 0 },
      { kind: "write", mm: 1, entry: 0, value: 2 },
      { kind: "advise", mm: 1, first: 7, count: 1, advice: 4 },
      { kind: "shrink" },
    ]);
    expect(operationsOf(storedTrace("copy-on-write-of-a-large-folio"))).toEqual([
      { kind: "newMm", mm: 0 },
      { kind: "faultIn", mm: 0, first: 4, count: 4, value: 33 },
      { kind: "fork", parent: 0, child: 1 },
      { kind: "write", mm: 1, entry: 4, value: 34 },
      { kind: "readIn", mm: 1, entry: 0 },
      { kind: "exit", mm: 1 },
      { kind: "write", mm: 0, entry: 4, value: 33 },
    ]);
    expect(operationsOf(storedTrace("split-of-a-huge-page"))).toEqual([
      { kind: "newMm", mm: 0 },
      { kind: "faultIn", mm: 0, first: 0, count: 8, value: 1 },
      { kind: "moveArea", mm: 0, from: 0, count: 4, to: 34 },
      { kind: "split", mm: 0, entry: 4, order: 0, isOwn: true },
      { kind: "write", mm: 0, entry: 4, value: 33 },
    ]);
  });

  test("the plan expects consecutive page frames of a folio, 64 for each page of the image", () => {
    const [, { expected, folios } = { expected: undefined, folios: [] }] = planned(trace(writeHuge)).operations;
    expect(folios).toEqual([{ allocated: true, nrPages: 512 }]);
    const common = { folio: 0, mapcount: 1, exclusive: true, private: true, divisor: 1, content: 1 };
    const [entries = []] = expected?.mms[0] ?? [];
    expect(entries.slice(0, 2)).toEqual([
      { ...common, page: 0, flags: PageFlag.anon | PageFlag.compoundHead },
      { ...common, page: 64, flags: PageFlag.anon | PageFlag.compoundTail },
    ]);
    expect(expected?.mms.slice(1)).toEqual([null, null]);
  });

  test("the plan expects the zero page, which belongs to no folio", () => {
    const [entry] =
      planned(trace(step("read", { mm: 0, page: 0 }, visible([], mapped(0, 8, 1, { mapcount: 0, exclusive: false })))))
        .operations[1]?.expected?.mms[0]?.[0] ?? [];
    expect(entry).toBe("zero page");
  });

  test("the plan expects nothing after a step that ends in a fault", () => {
    const plan = planned(trace(writeHuge, step("exit", { mm: 0 })));
    expect(plan.operations.at(-1)).toMatchObject({ steps: 2, expected: undefined });
  });

  test("the plan has one operation for both halves of a migration", () => {
    const moved = visible([{ number: 2, pages: 8 }], mapped(2, 8, 8));
    const begin = step("migrateBegin", { mm: 0, page: 0 }, visible([], []));
    const { operations } = planned(trace(writeHuge, begin, step("migrateFinish", {}, moved)));
    expect(operations.at(-1)).toMatchObject({
      steps: 3,
      text: "migrateBegin(mm: 0, page: 0), migrateFinish()",
      operation: { kind: "migrate", mm: 0, entry: 0 },
      folios: [{ allocated: false }, { allocated: true, nrPages: 512 }],
    });
  });

  test("the plan reclaims a folio that one process maps entirely with MADV_PAGEOUT", () => {
    const plan = planned(trace(writeHuge, step("reclaim", { mm: 0, page: 4 }, NOTHING)));
    expect(plan.operations.at(-1)?.operation).toEqual({ kind: "advise", mm: 0, first: 0, count: 8, advice: 21 });
  });

  test("the plan splits to the order with the corresponding number of pages", () => {
    const order = (to: number, first: ImageTraceStep): unknown =>
      operationsOf(trace(first, step("split", { mm: 0, page: 0, order: to }, NOTHING))).at(-1);
    const writeLarge = step("write", { mm: 0, fault: { page: 0, order: 2 } }, visible([LARGE], mapped(1, 8, 4)));
    expect(order(2, writeHuge)).toMatchObject({ order: 8 });
    expect(order(0, writeHuge)).toMatchObject({ order: 0 });
    expect(order(0, writeLarge)).toMatchObject({ order: 0 });
  });
});

describe("a trace with a step that user space cannot take is refused", () => {
  const shared = step("fork", { mm: 0 }, visible([HUGE], mapped(1, 8, 8), mapped(1, 8, 8)));
  const partly = step("dontneed", { mm: 0, range: { page: 0, pages: 4 } }, visible([HUGE], mapped(1, 8, 8).slice(4)));
  const onePage = step("dontneed", { mm: 0, range: { page: 0, pages: 4 } }, visible([HUGE], mapped(1, 8, 8).slice(7)));
  const three = step("fork", { mm: 0 }, visible([HUGE], mapped(1, 8, 8), mapped(1, 8, 8), mapped(1, 8, 8)));

  test.each<[string, readonly ImageTraceStep[], string]>([
    ["half a migration", [step("migrateBegin", { mm: 0, page: 0 })], "a migration does not stop half-way"],
    ["a migration that is undone", [step("migrateUndo", {})], "user space cannot abort a migration"],
    [
      "reclaim of a folio of two processes",
      [shared, step("reclaim", { mm: 0, page: 0 })],
      "MADV_PAGEOUT skips folios that several processes map",
    ],
    [
      "reclaim of a folio of which a part is mapped",
      [partly, step("reclaim", { mm: 0, page: 4 })],
      "MADV_PAGEOUT splits a partially mapped folio",
    ],
    [
      "a write to the last mapped page of a huge page",
      [onePage, step("write", { mm: 0, fault: { page: 7, order: 0 } })],
      "the folio has one mapping in the image but several here",
    ],
    [
      "a write to a huge page that three processes mapped",
      [three, step("write", { mm: 0, fault: { page: 7, order: 0 } })],
      "the owner slots of a folio that three processes mapped depend on its size",
    ],
  ])("planImage() rejects %s", (_, steps, why) => {
    const call = steps.at(-1)?.action;
    expect(() => planned(trace(writeHuge, ...steps))).toThrow(
      new RegExp(`^step ${steps.length + 1}, ${call}\\(.*\\), cannot be performed from user space: ${why}`),
    );
  });

  test("planImage() accepts a write to one mapped page of a folio if no PMD maps anything", () => {
    const write = step("write", { mm: 0, fault: { page: 0, order: 2 } }, visible([LARGE], mapped(1, 8, 4)));
    const left = step("dontneed", { mm: 0, range: { page: 0, pages: 4 } }, visible([LARGE], mapped(1, 8, 4).slice(3)));
    const again = step("write", { mm: 0, fault: { page: 3, order: 0 } }, visible([LARGE], mapped(1, 8, 4).slice(3)));
    expect(planned(trace(write, left, again)).operations).toHaveLength(4);
  });

  test("planImage() rejects a trace of a kernel without owner tracking", () => {
    expect(() => planImage(trace(writeHuge), { ...DEFAULT_CONFIG, mmId: false })).toThrow("without CONFIG_MM_ID");
  });

  test("planImage() rejects a trace without visible states", () => {
    expect(() => planned({ bounds: {}, steps: [] })).toThrow(
      "the trace does not contain the state that user space can see",
    );
  });
});
