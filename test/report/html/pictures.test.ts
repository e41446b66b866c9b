/** Pictures of the page: layout, shapes and facts, without a browser. */
import { describe, expect, test } from "vitest";
import { folioFacts } from "../../../report/html/picture/folio-facts.ts";
import { type Box, layoutOf } from "../../../report/html/picture/layout.ts";
import { legendOf } from "../../../report/html/picture/legend-items.ts";
import { otherFields } from "../../../report/html/picture/other-fields.ts";
import { type Scene, sceneOf } from "../../../report/html/picture/scene.ts";
import { sceneText } from "../../../report/html/picture/scene-text.ts";
import { type PictureShape, shapeOf } from "../../../report/html/picture/shape.ts";
import { type DrawnState, readWorlds } from "../../../report/trace/state.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { countsTrace, rmapTrace } from "../fixtures.ts";
import { migrationTrace, pinsTrace, pmdTrace, splitTrace, swapTrace } from "../scope-traces.ts";

const TRACES = { rmapTrace, countsTrace, pinsTrace, pmdTrace, migrationTrace, splitTrace, swapTrace };

function statesOf(trace: TraceReport): DrawnState[] {
  return [trace.state, ...trace.steps.map(({ state }) => state)].map(
    (state) => readWorlds(state)?.worlds[0] as DrawnState,
  );
}

interface Drawn {
  readonly scene: Scene;
  readonly shape: PictureShape;
  readonly state: DrawnState;
  readonly before: DrawnState | undefined;
}

function drawn(trace: TraceReport, step: number, width = 600): Drawn {
  const states = statesOf(trace);
  const shape = shapeOf(states);
  const [state, before] = [states[step] as DrawnState, states[step - 1]];
  const isLast = step === trace.steps.length;
  const faults = isLast ? (trace.faults ?? []) : [];
  return {
    scene: sceneOf(state, before, layoutOf(shape, width), { config: trace.config.split(","), faults }),
    shape,
    state,
    before,
  };
}

function overlap(a: Box, b: Box): boolean {
  return a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height > b.y && b.y + b.height > a.y;
}

const textsOf = ({ cells }: Scene): string[] =>
  cells.map(({ lines }) => lines.map((line) => line.map(({ text }) => text).join("")).join(" "));

describe.each([600, 366])("pictures that are %i pixels wide", (width) => {
  test.each(Object.entries(TRACES))(
    "%s: no two cells overlap, and every cell is within the width and height",
    (_, trace) => {
      for (let step = 0; step <= trace.steps.length; step++) {
        const { scene } = drawn(trace, step, width);
        const pairs = scene.cells.flatMap((one, i) => scene.cells.slice(i + 1).map((other) => [one, other] as const));
        expect(pairs.filter(([one, other]) => overlap(one, other))).toEqual([]);
        for (const cell of scene.cells) {
          expect(cell.x).toBeGreaterThanOrEqual(0);
          expect(cell.x + cell.width).toBeLessThanOrEqual(width + 1);
          expect(cell.y + cell.height).toBeLessThanOrEqual(scene.height);
        }
      }
    },
  );

  test.each(Object.entries(TRACES))("%s: panels and pages are at the same place in every step", (_, trace) => {
    const places = trace.steps.map((_step, step) =>
      drawn(trace, step + 1, width).scene.panels.map(({ title, x, y }) => `${title} ${x} ${y}`),
    );
    expect(new Set(places.map(String)).size).toBe(1);
  });
});

describe("the picture of a step", () => {
  test("a step that unmaps pages strikes them out, keeps their links as removed, and frames the entries once", () => {
    const { scene } = drawn(rmapTrace, 3);
    const removed = scene.cells.filter(({ lines }) => lines[0]?.[0]?.isStruck === true);
    expect(removed.map(({ key }) => key)).toEqual(["entry 1 0 2", "entry 1 0 3"]);
    expect(scene.links.filter(({ style }) => style === "removed")).toHaveLength(2);
    const [frame] = scene.changes;
    const [first, last] = removed;
    expect(frame).toMatchObject({ x: first?.x, width: (last?.x ?? 0) + (last?.width ?? 0) - (first?.x ?? 0) });
  });

  test("entries in a row that map pages in a row share one band", () => {
    const { scene } = drawn(rmapTrace, 2);
    expect(scene.links.map(({ isBand, isChanged, style }) => ({ isBand, isChanged, style }))).toEqual([
      { isBand: true, isChanged: true, style: "present" },
      { isBand: true, isChanged: true, style: "present" },
    ]);
  });

  test("the number of entries that map a page is old and new", () => {
    expect(textsOf(drawn(rmapTrace, 2).scene)).toContain("A0 ×1→2 excl");
  });

  test("MMs and folios that a trace never uses are left out", () => {
    const states = statesOf(rmapTrace);
    const unused = states.map((state) => ({
      ...state,
      mms: [...state.mms, { ...state.mms[1], live: false, vmas: [] }],
    }));
    expect(shapeOf(unused as DrawnState[]).mms.map(({ position }) => position)).toEqual([0, 1]);
  });

  test("swap entries lead to their slots, which name the page in the swap cache", () => {
    const scenes = swapTrace.steps.map((_, i) => drawn(swapTrace, i + 1).scene);
    expect(scenes.some(({ links }) => links.some(({ style }) => style === "swap"))).toBe(true);
    expect(scenes.flatMap(textsOf).some((text) => /^s0.* in A0$/.test(text))).toBe(true);
  });

  test("a PMD entry is one cell over its row", () => {
    const scenes = pmdTrace.steps.map((_, i) => drawn(pmdTrace, i + 1).scene);
    expect(scenes.flatMap(textsOf).some((text) => /^A0 … A\d/.test(text))).toBe(true);
  });

  test("migration entries are dashed cells with links of their own", () => {
    const scenes = migrationTrace.steps.map((_, i) => drawn(migrationTrace, i + 1).scene);
    expect(scenes.some(({ cells }) => cells.some(({ kind }) => kind === "migration"))).toBe(true);
    expect(scenes.some(({ links }) => links.some(({ style }) => style === "migration"))).toBe(true);
  });

  test("a holder of a reference is a cell with a link to its page", () => {
    const scenes = pinsTrace.steps.map((_, i) => drawn(pinsTrace, i + 1).scene);
    expect(scenes.some(({ cells }) => cells.some(({ kind }) => kind === "holder"))).toBe(true);
    expect(scenes.some(({ links }) => links.some(({ style }) => style === "reference"))).toBe(true);
  });

  test("the text of a picture has what the picture shows, panel by panel", () => {
    expect(sceneText(drawn(rmapTrace, 3).scene)).toBe(
      "mm 0: A0, A1, A2, A3. mm 1: A0, A1, nothing (changed), nothing (changed). " +
        "folio A, anon: A0 ×2, A1 ×2, A2 →1 (changed), A3 →1 (changed).",
    );
  });

  test("the legend explains only what occurs", () => {
    const symbols = (step: number): string[] => legendOf(drawn(rmapTrace, step).scene).map(({ symbol }) => symbol);
    expect(symbols(1)).toEqual(["writable", "text", "text", "changed"]);
    expect(symbols(3)).not.toContain("writable");
  });
});

describe("the facts about a folio", () => {
  const factsAt = (trace: TraceReport, step: number, config = trace.config) => {
    const { state, before, shape } = drawn(trace, step);
    const faults = step === trace.steps.length ? (trace.faults ?? []) : [];
    return folioFacts(state, before, shape, { config: config.split(","), faults })[0];
  };

  test("an owner slot that counts too much stands beside the number of mappings, with the expected value", () => {
    expect(factsAt(rmapTrace, 3)?.owners).toEqual([
      { mm: "mm 0", tracked: { now: "slot 0: 4" }, mappings: { now: "4" } },
      {
        mm: "mm 1",
        tracked: { now: "slot 1: 4", fault: "_mm_id_mapcount is 4, expected at most 2" },
        mappings: { now: "2", before: "4" },
      },
    ]);
  });

  test("the verdict of the kernel on sharing is old and new", () => {
    expect(factsAt(rmapTrace, 2)?.sharing).toEqual({ now: "maybe mapped shared", before: "mapped exclusively" });
  });

  test("mapcounts are numbers of mappings, beside those counted from the page tables", () => {
    const large = factsAt(rmapTrace, 3)?.counters.find(({ name }) => name === "large mapcount");
    expect(large).toEqual({ name: "large mapcount", now: "6", before: "8", truth: "6" });
  });

  test("references of a large folio are a number, also those of many mappings", () => {
    const last = rmapTrace.steps[2]?.state as { readonly folios: readonly object[] };
    const state = { ...last, folios: last.folios.map((folio) => ({ ...folio, refcount: 2000 })) };
    const trace = {
      ...rmapTrace,
      steps: [...rmapTrace.steps.slice(0, 2), { ...rmapTrace.steps[2], state }],
    } as TraceReport;
    expect(factsAt(trace, 3)?.counters[0]).toEqual({ name: "refcount", now: "2000", before: "8" });
  });

  test("without MM ids there are no owner slots, and without page mapcounts no nr_pages_mapped", () => {
    const facts = factsAt(rmapTrace, 3, "no-page-mapcount,64bit,no-mm-id");
    expect(facts?.owners).toEqual([]);
    expect(facts?.sharing).toBeUndefined();
    expect(facts?.counters.map(({ name }) => name)).toEqual(["refcount", "large mapcount"]);
  });
});

describe("the other fields of a state", () => {
  test("fields outside of the picture are shown when they change, and statistics when they are not 0", () => {
    const state = { ...(rmapTrace.steps[2]?.state as object), extra: 2 };
    const before = { ...(rmapTrace.steps[1]?.state as object), extra: 1 };
    expect(otherFields(state, before, readWorlds(state), readWorlds(before))).toEqual([
      { name: "NR_ANON_MAPPED", now: "4" },
      { name: "extra", now: "2", before: "1" },
    ]);
  });

  test("a statistic that violates the claim has the expected value, and is not in the facts about a folio", () => {
    const fault = { field: "NR_ANON_MAPPED", actual: 4, expected: 2 };
    const { state, shape, before } = drawn(rmapTrace, 3);
    const worlds = readWorlds(state);
    expect(otherFields(state, undefined, worlds, undefined, [fault])).toEqual([
      { name: "NR_ANON_MAPPED", now: "4", fault: "NR_ANON_MAPPED is 4, expected 2" },
    ]);
    expect(folioFacts(state, before, shape, { config: [], faults: [fault] })[0]?.faults).toEqual([]);
  });

  test("a state without a picture is shown as fields, with changes", () => {
    expect(otherFields({ a: { b: 2 }, c: true }, { a: { b: 1 }, c: true }, undefined, undefined)).toEqual([
      { name: "a.b", now: "2", before: "1" },
      { name: "c", now: "yes" },
    ]);
  });
});
