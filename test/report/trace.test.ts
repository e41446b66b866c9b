import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { ImageView } from "../../gate/image/world/image-view.ts";
import { VisibleStates } from "../../gate/image/world/visible-state.ts";
import { DEFAULT_CONFIG } from "../../model/kernel/config.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { FIRST, WorldWords } from "../gate/image/lockstep/world-words.ts";
import { storedTrace } from "../live/image/stored-traces.ts";
import { countsTrace, rmapTrace } from "./fixtures.ts";
import { lineOf, stepOf } from "./reading.ts";

const plain = (trace: TraceReport, file?: string): string =>
  formatTrace(trace, { color: false, shows: "violated", ...(file === undefined ? {} : { file }) });

function changedState<T>(trace: TraceReport, change: (state: T) => void): TraceReport {
  const last = structuredClone(trace.steps.at(-1)) as TraceReport["steps"][number];
  change(last.state as T);
  return { ...trace, steps: [...trace.steps.slice(0, -1), last] };
}

describe("steps", () => {
  const text = plain(rmapTrace);

  test("steps are numbered from the initial state on and named by their calls", () => {
    expect(text.split("\n").filter((line) => /^ {3}\d {2}/.test(line))).toEqual([
      "   0  initial state",
      "   1  anonFault(mm: 0, first: 0, pages: 4)",
      "   2  fork(parent: 0, child: 1)",
      "   3  unmap(mm: 1, vma: 0, first: 2, count: 2)",
    ]);
  });

  test("a step lists the kernel functions that ran, in order, with long calls wrapped and indented", () => {
    const ran = stepOf(text, 2).slice(1, 8);
    expect(ran.map((line) => line.slice(0, 11).trim())).toEqual(["ran", "", "", "", "", "", ""]);
    expect(ran.map((line) => line.slice(11))).toEqual([
      "mm_alloc_id(mm 1)",
      "copy_pte_range(mm 1, from mm 0)",
      "  folio_try_dup_anon_rmap_ptes → __folio_try_dup_anon_rmap(folio 0, pages 0–3, mm 1,",
      "      from mm 0, pte)",
      "    folio_add_return_large_mapcount(folio 0, 4, mm 1) = 8",
      "      takes a free slot",
      "  __copy_present_ptes(entries 0–3)",
    ]);
  });

  test("a step without changes says so", () => {
    const step = rmapTrace.steps[0] as TraceReport["steps"][number];
    const still = stepOf(plain({ ...rmapTrace, state: 1, steps: [{ ...step, state: 1 }] }), 1);
    expect(still.at(-1)).toBe("      nothing changed");
  });
});

describe("page tables", () => {
  const text = plain(rmapTrace);

  test("page tables have a row for each VMA and a cell for each entry, aligned with the row of positions", () => {
    const step = stepOf(text, 3);
    const positions = lineOf(step, "entry");
    const cells = lineOf(step, "mm 0  vma 0");
    for (const position of [0, 1, 2, 3]) {
      expect(cells.indexOf(`A${position}`)).toBe(positions.indexOf(String(position)));
    }
  });

  test("page tables mark the entries that changed, and only those", () => {
    expect(lineOf(stepOf(text, 1), "mm 0  vma 0")).toMatch(/^ {4}\* mm 0 {2}vma 0 anon +\*A0w \*A1w \*A2w \*A3w$/);
    expect(lineOf(stepOf(text, 3), "mm 1  vma 0")).toMatch(/^ {4}\* mm 1 {2}vma 0 anon +A0 {2}A1 \*· {2}\*·$/);
    expect(lineOf(stepOf(text, 3), "mm 0  vma 0")).toMatch(/^ {6}mm 0 {2}vma 0 anon +A0 {2}A1 {2}A2 {2}A3$/);
  });

  test("page tables show that an MM is not live, and when it becomes live", () => {
    expect(lineOf(stepOf(text, 0), "mm 1")).toMatch(/^ {6}mm 1 +not live$/);
    expect(lineOf(stepOf(text, 2), "mm 1  vma 0")).toMatch(/not live → live$/);
  });

  test("page tables mark the row of an MM that changed though none of its entries did", () => {
    const born = structuredClone(rmapTrace.state) as { mms: Record<string, unknown>[] };
    Object.assign(born.mms[1] ?? {}, { live: true, hasId: true });
    const step = rmapTrace.steps[0] as TraceReport["steps"][number];
    const text = plain({ ...rmapTrace, steps: [{ ...step, state: born }] });
    expect(lineOf(stepOf(text, 1), "mm 1")).toMatch(/^ {4}\* mm 1 {2}vma 0 anon +· {3}· {3}· {3}· {3}not live → live$/);
  });

  test("the entries of a long VMA continue in the next line", () => {
    const ptes = Array.from({ length: 20 }, (_, page) => ({ folio: 1, page }));
    const wide = changedState<{ mms: { vmas: { ptes: unknown[] }[] }[] }>(rmapTrace, ({ mms }) => {
      for (const mm of mms) {
        mm.vmas = [{ ptes }];
      }
    });
    const rows = stepOf(plain(wide), 3).filter((line) => /A\d/.test(line) && !line.includes("(A)"));
    expect(rows).toHaveLength(4);
    expect(rows[1]).toContain("A16");
    expect(rows[0]?.indexOf("A0")).toBe(rows[1]?.indexOf("A16"));
  });
});

describe("folios", () => {
  const text = plain(rmapTrace);

  test("changed counters of a folio are shown as old → new on marked lines, mapcounts as logical values", () => {
    const line = lineOf(stepOf(text, 2), "refcount");
    expect(line.startsWith("    * ")).toBe(true);
    expect(line).toContain("refcount 4 → 8   large mapcount 4 → 8   nr_pages_mapped 4");
  });

  test("a folio shows the owner slots, the shared bit and the MMs that really map it", () => {
    expect(lineOf(stepOf(text, 1), "owner slots")).toContain("[free → mm 0: 4] [free]   marked exclusive");
    expect(lineOf(stepOf(text, 2), "owner slots")).toContain("[mm 0: 4] [free → mm 1: 4]   marked exclusive → shared");
    expect(lineOf(stepOf(text, 3), "owner slots")).toMatch(
      /^ {19}owner slots \[mm 0: 4\] \[mm 1: 4\] {3}marked shared/,
    );
    const right = changedState<{ folios: Record<string, unknown>[] }>(rmapTrace, ({ folios }) => {
      const slots = [
        { mmId: 1, mapcount: 3 },
        { mmId: 2, mapcount: 1 },
      ];
      Object.assign(folios[0] ?? {}, { slots, mmIdsShared: false });
    });
    expect(lineOf(stepOf(plain(right), 3), "owner slots")).toMatch(
      /^ {4}\* {14}owner slots \[mm 0: 4\] \[mm 1: 4 → 2\] {3}marked shared → exclusive/,
    );
    expect(lineOf(stepOf(text, 3), "really mapped by")).toContain("mm 0: 4, mm 1: 4 → 2");
    expect(stepOf(plain(countsTrace), 4).join("\n")).toContain("[mm 0: 1 → free] [mm 1: 1]   marked shared");
  });

  test("a folio shows per-page mapcounts and AnonExclusive", () => {
    expect(lineOf(stepOf(text, 3), "page mapcounts")).toContain("page mapcounts 2 2 2→1 2→1   AnonExclusive none");
    expect(lineOf(stepOf(text, 2), "page mapcounts")).toContain("AnonExclusive pages 0–3 → none");
  });

  test("a folio that is not in use is one word", () => {
    expect(stepOf(text, 0)).toContain("      folio 0 (A): free");
    expect(stepOf(text, 0).join("\n")).not.toContain("refcount");
  });

  test("the lines of a folio are marked where they changed, and only there", () => {
    const step = stepOf(text, 3);
    expect(lineOf(step, "anon, 4 pages").startsWith("      folio 0 (A)")).toBe(true);
    expect(lineOf(step, "NR_ANON_MAPPED").startsWith("      stats")).toBe(true);
  });

  test("fields that are as in a fresh folio are left out unless they change", () => {
    expect(text).toContain("page mapcounts");
    expect(text).not.toMatch(/entire mapcount|total_mapped_pages|pincount|swap cache|locked/);
    const unkept = structuredClone(rmapTrace) as unknown as {
      steps: { state: { folios: Record<string, unknown>[] } }[];
    };
    for (const { state } of unkept.steps) {
      const [folio] = state.folios;
      Object.assign(folio ?? {}, { nrPagesMapped: 0, pages: Array(4).fill({ mapcount: -1, anonExclusive: false }) });
    }
    const unmapped = plain(unkept as unknown as TraceReport);
    expect(unmapped).not.toContain("page mapcounts");
    expect(unmapped).not.toContain("nr_pages_mapped");
  });

  test("a freed folio shows the fields that differ from a fresh one", () => {
    const freed = changedState<{ folios: Record<string, unknown>[] }>(rmapTrace, ({ folios }) => {
      Object.assign(folios[0] ?? {}, { allocated: false, nrPages: 1, refcount: 0 });
    });
    const step = stepOf(plain(freed), 3);
    expect(lineOf(step, "folio 0 (A)")).toContain("anon, 4 pages → free");
    expect(lineOf(step, "refcount")).toContain("refcount 8 → 0   large mapcount 8 → 6");
    expect(lineOf(step, "refcount")).not.toContain("entire mapcount");
    expect(lineOf(step, "owner slots")).toContain("[mm 0: 4]");
  });

  test("flags and history of a folio are shown when they are set or change", () => {
    const set = changedState<{ folios: Record<string, unknown>[] }>(rmapTrace, ({ folios }) => {
      Object.assign(folios[0] ?? {}, { partiallyMapped: true, onDeferredList: true, hadThreeMms: true });
    });
    const step = stepOf(plain(set), 3).join("\n");
    expect(step).toContain("partially_mapped no → yes   on deferred split list no → yes");
    expect(step).toContain("history: three MMs mapped it at one time: no → yes");
    expect(stepOf(text, 3).join("\n")).not.toMatch(/partially_mapped|deferred|history/);
  });

  test("an owner slot whose id and mapcount contradict each other is shown with both", () => {
    const odd = changedState<{ folios: { slots: unknown[] }[] }>(rmapTrace, ({ folios }) => {
      folios[0]?.slots.splice(0, 2, { mmId: 0, mapcount: 2 }, { mmId: 2, mapcount: -1 });
    });
    expect(lineOf(stepOf(plain(odd), 3), "owner slots")).toContain("[mm 0: 4 → free, but counts 3] [mm 1: 4 → 0]");
  });
});

describe("small folios, file folios and several VMAs", () => {
  const fresh = { mapcount: -1, anonExclusive: false };
  const unused = {
    ...{ allocated: true, anon: false, inPageCache: true, index: 2, entireMapcount: -1, nrPagesMapped: 0 },
    ...{ mmIdsShared: false, largeMapcount: -1, partiallyMapped: false, onDeferredList: false },
    slots: [
      { mmId: 0, mapcount: -1 },
      { mmId: 0, mapcount: -1 },
    ],
  };
  const state = {
    mms: [
      {
        ...{ idNumber: 1, hasId: true, live: true },
        vmas: [
          {
            anonymous: true,
            ptes: [
              { folio: 1, page: 0 },
              { folio: 0, page: 0 },
            ],
          },
          {
            anonymous: false,
            ptes: [
              { folio: 2, page: 1 },
              { folio: 0, page: 0 },
            ],
          },
        ],
      },
      { idNumber: 2, hasId: true, live: false, vmas: [{ ptes: [] }, { ptes: [] }] },
    ],
    folios: [
      {
        ...unused,
        anon: true,
        inPageCache: false,
        nrPages: 1,
        refcount: 1,
        pages: [{ mapcount: 0, anonExclusive: true }, fresh],
      },
      {
        ...{ ...unused, nrPages: 2, refcount: 3, largeMapcount: 0, nrPagesMapped: 1 },
        slots: [
          { mmId: 1, mapcount: 0 },
          { mmId: 0, mapcount: -1 },
        ],
        pages: [fresh, { ...fresh, mapcount: 0 }],
      },
      {
        ...unused,
        allocated: false,
        inPageCache: false,
        nrPages: 1,
        index: 0,
        refcount: 0,
        largeMapcount: 1,
        pages: [fresh, fresh],
      },
    ],
  };
  const step = stepOf(plain({ ...rmapTrace, bounds: { anon: 1, file: 1 }, state, steps: [] }), 0);

  test("a small folio has one mapcount, and none of a large folio's fields", () => {
    const start = step.findIndex((line) => line.includes("folio 0 (A)  anon, 1 page"));
    expect(step.slice(start, start + 4).map((line) => line.trim())).toEqual([
      "folio 0 (A)  anon, 1 page",
      "refcount 1",
      "really mapped by mm 0: 1",
      "mapcount 1   AnonExclusive page 0",
    ]);
  });

  test("a file folio shows its position in the file, and no AnonExclusive", () => {
    const start = step.findIndex((line) => line.includes("folio 1 (B)  file, 2 pages from index 2"));
    expect(step.slice(start + 1, start + 5).map((line) => line.trim())).toEqual([
      "refcount 3   large mapcount 1   nr_pages_mapped 1",
      "owner slots [mm 0: 1] [free]   marked exclusive",
      "really mapped by mm 0: 1",
      "page mapcounts 0 1",
    ]);
  });

  test("a free folio that differs from a fresh one shows the difference, and no more", () => {
    const start = step.findIndex((line) => line.includes("folio 2 (C)  free"));
    expect(step.slice(start + 1).map((line) => line.trim())).toEqual(["large mapcount 2"]);
  });

  test("VMAs are named with their kinds, and an MM that exits has its row until its id is free", () => {
    expect(step.filter((line) => /^ +mm/.test(line)).map((line) => line.trim().replace(/\s+/g, " "))).toEqual([
      "mm 0 vma 0 anon A0 ·",
      "mm 0 vma 1 file B1 ·",
      "mm 1 exited, its id not free yet",
    ]);
  });

  test("a step without changes marks nothing", () => {
    const marked = step.filter((line) => line.includes("*") || line.includes("→"));
    expect(marked).toEqual([]);
  });
});

describe("the machine that only counts", () => {
  const text = plain(countsTrace);

  test("machine owner-tracking shows how many pages each MM maps, and no page tables", () => {
    expect(lineOf(stepOf(text, 3), "mm 2  ")).toBe("    * mm 2  maps 0 → 2 pages");
    expect(lineOf(stepOf(text, 3), "mm 0  ")).toBe("      mm 0  maps 1 page");
    expect(text).not.toMatch(/refcount|vma|stats|\(A\)|really mapped/);
  });
});

describe("states of another shape", () => {
  test("states of unknown shape are shown as fields: all at first, then those that changed", () => {
    const step = rmapTrace.steps[0] as TraceReport["steps"][number];
    const text = plain({
      ...rmapTrace,
      state: { rm: ["working", "working"], done: false },
      steps: [{ ...step, state: { rm: ["working", "prepared"], done: false } }],
    });
    expect(stepOf(text, 0).at(-1)).toBe("      rm[0] working   rm[1] working   done no");
    expect(stepOf(text, 1).at(-1)).toBe("    * rm[1] working → prepared");
  });

  test("a picture prints fields that it does not draw", () => {
    const aged = changedState<{ folios: Record<string, unknown>[] }>(rmapTrace, ({ folios }) => {
      Object.assign(folios[0] ?? {}, { lruGen: 1 });
    });
    expect(stepOf(plain(aged), 3).at(-1)).toMatch(/^ {4}\* also +folios\[0\]\.lruGen absent → 1$/);
  });
});

describe("the end", () => {
  test("the end of a trace names the property, its sentence and its source, and the warning of the kernel", () => {
    const text = plain({
      ...rmapTrace,
      warning: { kind: "kernel-warning", name: "newFolioTracked", by: ["folio_set_large_mapcount"] },
    });
    expect(text).toMatch(/^ {2}violated {2}C8: A slot never counts more mappings/m);
    expect(text).toMatch(/^ {2}source {4}follows from series v3 12\/20$/m);
    expect(text).toMatch(/^ {2}warning {3}folio_set_large_mapcount\(\) warns: a new folio/m);
    expect(plain(rmapTrace)).not.toMatch(/^ {2}warning/m);
  });

  test("the last line of a trace is the command that replays it", () => {
    expect(plain(rmapTrace, "out/c8.json").trimEnd().split("\n").at(-1)).toBe(
      "  replay    foliocheck replay out/c8.json",
    );
  });

  test("the replay command quotes a file name for the shell", () => {
    expect(plain(rmapTrace, "it's $1.json")).toContain("foliocheck replay 'it'\\''s $1.json'\n");
    expect(plain(rmapTrace, "-x.json")).toContain("foliocheck replay ./-x.json\n");
  });

  test("a trace without a file ends with the option that writes one", () => {
    const lines = plain(rmapTrace).trimEnd().split("\n").slice(-2);
    expect(lines[0]).toContain("--trace-out FILE");
    expect(lines[1]?.trim()).toBe("foliocheck replay FILE");
  });
});

test("the legend explains logical mapcounts once", () => {
  expect(plain(rmapTrace).split("Mapcounts are logical values: the kernel stores one less")).toHaveLength(2);
});

test("the title of a trace is counterexample or witness, with the property", () => {
  expect(plain(rmapTrace).split("\n")[0]).toBe("Counterexample to C8 in 3 steps");
  expect(formatTrace(countsTrace, { color: false, shows: "reached" })).toMatch(/^Witness of W1 in 5 steps\n/);
  expect(formatTrace(countsTrace, { color: false })).toMatch(/^Trace for W1 in 5 steps\n/);
});

test("colours add codes and change no character", () => {
  const colored = formatTrace(rmapTrace, { color: true, shows: "violated" });
  expect(colored).not.toBe(plain(rmapTrace));
  expect(stripVTControlCharacters(colored)).toBe(plain(rmapTrace));
  expect(stripVTControlCharacters(plain(rmapTrace))).toBe(plain(rmapTrace));
});

describe("a trace of an mm image", () => {
  const trace = storedTrace("copy-on-write-of-a-large-folio");
  const linesOf = (...parameters: Parameters<typeof formatTrace>): string[] =>
    formatTrace(...parameters)
      .trimEnd()
      .split("\n");

  test("a trace of an mm image ends with the search that finds it and the commands that take it on a running kernel", () => {
    const [search, live, repro] = linesOf(trace, { color: false, file: "my trace.json" }).slice(-3);
    expect(search).toBe("  reproduce foliocheck image --tree TREE --config page-mapcount,32bit,mm-id --lockstep 0");
    expect(live).toBe("  on Linux  foliocheck live 'my trace.json'");
    expect(repro).toBe("            foliocheck repro 'my trace.json' > repro.c");
  });

  test("the states of an mm image have the used page tables, its folios, and what /proc shows", () => {
    const [start, end] = [new WorldWords().process(0), new WorldWords().process(0).large(8, 0)].map(
      ({ words }) => words,
    );
    const states = new VisibleStates();
    const viewOf = (words: Int32Array): ImageView =>
      new ImageView({ world: () => words, proc: () => undefined }, [FIRST, FIRST + 8], DEFAULT_CONFIG);
    const before = viewOf(start as Int32Array);
    const after = viewOf(end as Int32Array);
    states.initial(before);
    const world = states.drawable(before);
    states.next(after, end as Int32Array);
    const shown = (rss: number): object => ({ "process 0": { RSS: rss, maps: "nothing" }, "folio A": { pages: 4 } });
    const [first] = trace.steps;
    const step = { ...(first as (typeof trace.steps)[0]), state: shown(4), world: states.drawable(after) };
    const lines = linesOf({ ...trace, state: shown(0), world, steps: [step] }, { color: false });
    expect(lines.filter((line) => /pages 0–7|elsewhere/.test(line))).toEqual([
      "      mm 0  pages 0–7  ·   ·   ·   ·   ·   ·   ·   ·",
      "    * mm 0  pages 0–7  *A0w *A1w *A2w *A3w  ·    ·    ·    ·",
    ]);
    expect(lines).toContain("    * folio 0 (A)  free → anon, 4 pages");
    expect(lines.find((line) => line.startsWith("    * also"))).toMatch(/process 0\.RSS 0 → 4$/);
    expect(lines.join("\n")).not.toMatch(/process 0\.maps|folio A\./);
  });

  test("a trace of an mm image without a file ends with the option that writes one", () => {
    expect(linesOf(trace, { color: false }).slice(-3)).toEqual([
      "            with --trace-out FILE, then",
      "  on Linux  foliocheck live FILE",
      "            foliocheck repro FILE > repro.c",
    ]);
  });

  test("a trace of an mm image with a step that user space cannot take ends with the search alone", () => {
    const steps = [{ ...(trace.steps[0] as (typeof trace.steps)[0]), action: "migrateUndo", parameters: {} }];
    const lines = linesOf({ ...trace, steps }, { color: false, reproduce: "foliocheck gate --tree linux" });
    expect(lines.at(-1)).toBe("  reproduce foliocheck gate --tree linux");
  });
});
