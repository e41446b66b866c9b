import { beforeAll, describe, expect, test } from "vitest";
import { itf } from "../../report/json/itf.ts";
import { markdown } from "../../report/markdown/search.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { access, begins, dataRaceRun, raceState, raceTrace, steps, traceIn, unqueuedRun } from "./race-traces.ts";

const textOf = (trace: TraceReport): string => formatTrace(trace, { color: false, shows: "violated" });
const linesOf = (trace: TraceReport): string[] => textOf(trace).split("\n");
/** Returns the rows below the header with the CPUs. */
const rowsOf = (trace: TraceReport): string[] => {
  const lines = linesOf(trace);
  const header = lines.findIndex((line) => /^ +CPU \d|^ +\d .*CPU$/.test(line));
  return lines.slice(header, lines.indexOf("", header));
};

describe("the trace of the C14 race", () => {
  let trace: TraceReport;
  beforeAll(() => {
    trace = traceIn(unqueuedRun(), "C14");
  });

  test("the trace of a race begins with the operations that overlap, and the accesses between which one is interrupted", () => {
    const summary = linesOf(trace)
      .slice(
        0,
        linesOf(trace).findIndex((line) => line.includes("start  ")),
      )
      .join(" ")
      .replace(/\s+/g, " ");
    expect(summary).toContain("exit(mm: 0) on CPU 0 races with zap(mm: 1, first: 0, count: 1) on CPU 1:");
    expect(summary).toContain("“add -1, return on _entire_mapcount: 2 → 1” in __folio_remove_rmap() of CPU 0");
    expect(summary).toContain("before its “lock large mapcount” in folio_sub_return_large_mapcount()");
  });

  test("the trace of a race shows the calls that were executed before the CPUs began", () => {
    expect(textOf(trace)).toContain("start  anonFault(mm: 0); fork(parent: 0, child: 1)");
  });

  test("the trace of a race names the places at which its last state violates the claim", () => {
    expect(traceIn(unqueuedRun(), "C14").faults).toEqual([
      { folio: 0, field: "folio_test_partially_mapped()", actual: false, expected: true },
    ]);
  });

  test("the trace of a race has a column for each CPU with its operations, functions, locks and changes", () => {
    const rows = rowsOf(trace).join("\n");
    expect(rows).toMatch(/ CPU 0 +│ CPU 1$/m);
    expect(rows).toMatch(/exit\(mm: 0\) begins +│$/m);
    expect(rows).toMatch(/│ +zap\(mm: 1, first: 0, count: 1\) begins$/m);
    expect(rows).toMatch(/ ┏ +lock page table of mm 0 +│$/m);
    expect(rows).toMatch(/ ┃┗ +unlock large mapcount +│/m);
    expect(rows).toMatch(/┃ +│ ┃┏ +lock large mapcount$/m);
    expect(rows).toMatch(/store FOLIO_MM_IDS_SHARED_BIT: 1 → 0 +│/m);
    expect(rows).toMatch(/store _mm_id\[0\]: mm 0 → free/);
    expect(rows).toMatch(/│ ┃ +store pte 0 of mm 1: A0 → ·$/m);
    expect(rows).toMatch(/┃ {2}folio_entire_mapcount\(\)\n.*load _entire_mapcount: 1 \(4 times\)/);
  });

  test("the trace of a race shows mapcounts as logical values in rows and pictures", () => {
    expect(rowsOf(trace).join("\n")).toMatch(/store _large_mapcount: 4 → 3/);
    expect(textOf(trace)).toContain("large mapcount 2 → 3");
  });

  test("the trace of a race numbers every step, in its own row or in a range of merged ones", () => {
    const covered = rowsOf(trace).flatMap((row) => {
      const [, first, last] = /^ +(\d+)(?:–(\d+))? /.exec(row) ?? [];
      return first === undefined
        ? []
        : Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, i) => Number(first) + i);
    });
    expect(covered).toEqual(trace.steps.map((_, i) => i + 1));
  });

  test("the trace of a race draws memory before and after the overlap, with changes marked", () => {
    const text = textOf(trace);
    expect(text.match(/^ {4}(before|after) step \d+$/gm)).toEqual([
      "    before step 1",
      `    after step ${trace.steps.length}`,
    ]);
    expect(text).toContain("owner slots [mm 0: 1 → free] [mm 1: 1 → 3]   marked shared → exclusive");
  });

  test("the trace of a race fits 100 columns and names no position in an access tree", () => {
    const tooWide = linesOf(trace).filter((line) => [...line].length > 100);
    expect(tooWide).toEqual([]);
    expect(textOf(trace)).not.toMatch(/node|cpus\[/);
  });

  test("the trace of a race as ITF has the operation of each CPU", () => {
    const { states } = JSON.parse(itf(trace)) as { states: { cpus: Record<string, unknown>[] }[] };
    expect(states[0]?.cpus[0]).toEqual({ executes: "", buffer: [] });
    const cpu = states[2]?.cpus[0] as { executes: string; next: { functions: string[] } };
    expect(cpu.executes).toBe("exit(mm: 0)");
    expect(cpu.next.functions).toEqual([]);
    expect(states.every(({ cpus }) => cpus.every((each) => !("node" in each)))).toBe(true);
  });
});

test("a trace under x86-TSO shows buffered stores, and when each reaches memory", () => {
  const rows = rowsOf(traceIn(unqueuedRun(1), "C14")).join("\n");
  expect(rows).toMatch(/store pmd of mm 0: A → ·, buffered/);
  expect(rows).toMatch(/store of pmd of mm 0 reaches memory:/);
});

describe("the trace of a data race", () => {
  const trace = traceIn(dataRaceRun(), "D1");

  test("the trace of a data race ends before both accesses, although merged steps would perform one of them", () => {
    const { state } = trace.steps.at(-1) as TraceReport["steps"][number];
    const { cpus } = state as { cpus: { next: { text: string; marked: boolean } }[] };
    expect(cpus.map(({ next }) => [next.text, next.marked])).toEqual([
      ["load _mm_id_mapcount[0]", false],
      ["store _mm_id_mapcount[0] = 0", false],
    ]);
  });

  test("the trace of a data race names both accesses with their CPUs, and the plain one", () => {
    expect(textOf(trace).replace(/\s+/g, " ")).toContain(
      "Data race on folio->_mm_id_mapcount[0]: the plain read of CPU 0 in folio_maybe_mapped_shared() (load " +
        "_mm_id_mapcount[0]) races with the plain write of CPU 1 in folio_sub_return_large_mapcount()",
    );
    expect(textOf(trace)).toContain(
      "data race between folio_maybe_mapped_shared() (plain read of folio->_mm_id_mapcount[0])",
    );
    expect(trace.warning).toMatchObject({ kind: "data-race", one: { isWrite: false }, other: { isWrite: true } });
  });
});

describe("a trace made by hand", () => {
  const lock = access(0, "lock", { object: "the lock", text: "lock the lock", fields: [] });
  const write = access(1, "store", { marked: false, functions: ["folio_writes"] });
  const read = access(0, "load", { functions: ["folio_reads"] });

  test("a trace in which one CPU's plain access meets another's access names both", () => {
    const running = raceState(["get()", "put()"], [read, { ...write, place: { file: "mm/rmap.c", line: 12 } }]);
    const trace = raceTrace(2, [begins(0, "get", raceState(["get()", ""])), begins(1, "put", running)], "D1");
    const text = textOf(trace).replace(/\s+/g, " ");
    expect(text).toContain(
      "Data race on folio->_refcount: the plain write of CPU 1 in folio_writes() at mm/rmap.c:12 (store _refcount) " +
        "races with the marked read of CPU 0 in folio_reads() (load _refcount).",
    );
    expect(text).toContain("next: store _refcount (plain)");
  });

  test("two marked accesses are no data race", () => {
    const running = raceState(["get()", "put()"], [read, { ...write, marked: true }]);
    const trace = raceTrace(2, [begins(0, "get", raceState(["get()", ""])), begins(1, "put", running)], "D1");
    expect(textOf(trace)).not.toContain("Data race");
  });

  test("a trace names the lock that a CPU waits for", () => {
    const wants = { ...lock, cpu: 1 };
    const trace = raceTrace(2, [
      begins(0, "get", raceState(["get()", ""])),
      steps(0, [lock], raceState(["get()", ""])),
      begins(1, "put", raceState(["get()", "put()"], [undefined, wants])),
    ]);
    expect(rowsOf(trace).at(-1)).toMatch(/┃ +│ +waits for: lock the lock$/);
  });

  test("an operation that overlaps with no other is one row", () => {
    const trace = raceTrace(2, [
      begins(0, "get", raceState(["get()", ""])),
      steps(0, [access(0, "rmw")], raceState(["", ""])),
      begins(1, "put", raceState(["", "put()"])),
      steps(1, [access(1, "rmw")], raceState(["", ""])),
    ]);
    expect(textOf(trace)).toContain("No two operations overlap");
    expect(textOf(trace)).toMatch(/^ +1–2 {2}CPU 0 {2}get\(\)$/m);
    expect(rowsOf(trace)[0]?.trim()).toBe("CPU 1");
  });

  test("a trace counts loads that no other CPU can influence, and lists the others", () => {
    const quiet = access(0, "load", {
      fields: [{ path: "folios[0].pincount", name: "_pincount", before: 0, after: 0 }],
    });
    const trace = raceTrace(2, [
      begins(0, "get", raceState(["get()", ""])),
      begins(1, "put", raceState(["get()", "put()"])),
      steps(0, [quiet], raceState(["get()", "put()"])),
      steps(0, [quiet], raceState(["get()", "put()"])),
      steps(0, [read], raceState(["get()", "put()"])),
      steps(1, [write], raceState(["get()", ""])),
      steps(0, [access(0, "rmw")], raceState(["", ""])),
    ]);
    const rows = rowsOf(trace).join("\n");
    expect(rows).toMatch(/3–4 +… 2 loads/);
    expect(rows).toMatch(/ 5 +load _refcount: 2/);
    expect(rows).toMatch(/ 6 +│ +store _refcount: 2 → 3/);
  });

  test("a trace also counts loads under a lock that the writer holds", () => {
    const unlock = (cpu: number) => ({ ...lock, cpu, kind: "unlock", text: "unlock the lock" }) as const;
    const trace = raceTrace(2, [
      begins(0, "get", raceState(["get()", ""])),
      begins(1, "put", raceState(["get()", "put()"])),
      steps(0, [lock, read, access(0, "load"), unlock(0)], raceState(["get()", "put()"])),
      steps(1, [{ ...lock, cpu: 1 }, write, unlock(1)], raceState(["get()", ""])),
      steps(0, [access(0, "rmw")], raceState(["", ""])),
    ]);
    expect(rowsOf(trace).join("\n")).toMatch(/ 3 +┃ +… 2 loads/);
  });

  test.each([3, 4])("a trace of %i CPUs has a lane for each, and lines of up to 100 columns", (cpus) => {
    const long = "a_kernel_function_with_a_name_that_is_longer_than_any_in_mm";
    const all = Array.from({ length: cpus }, (_, cpu) => cpu);
    const running = raceState(all.map(() => "get()"));
    const trace = raceTrace(cpus, [
      ...all.map((cpu) => begins(cpu, "get", raceState(all.map((each) => (each <= cpu ? "get()" : ""))))),
      ...all.map((cpu) =>
        steps(cpu, [access(cpu, "rmw", { functions: [long], text: `add 1, return on ${long}` })], running),
      ),
    ]);
    const rows = rowsOf(trace);
    expect(rows[0]).toMatch(cpus === 3 ? /^ +0 +1 +2 +CPU$/ : /^ +0 +1 +2 +3 +CPU$/);
    expect(rows.some((row) => /•.*CPU 2 +get\(\) begins/.test(row))).toBe(true);
    expect(rows.filter((row) => row.includes(`${long}()`))).toHaveLength(cpus);
    const tooWide = rows.filter((row) => [...row].length > 100);
    expect(tooWide).toEqual([]);
  });
});

test("a report in Markdown describes how the CPUs are interleaved", () => {
  expect(markdown(unqueuedRun())).toContain(
    "Interleaved:\n\n- memory model: sequential consistency\n- 2 CPUs execute their calls; every access",
  );
});
