/** Races of the series in C code: the interleavings of a few calls show each of them, and the fixed code passes. */
import { beforeAll, describe, expect, test } from "vitest";
import type { CompiledUnit } from "../../../gate/preparation/compile-unit.ts";
import type { RaceCalls } from "../../../model/race/race-calls.ts";
import type { OperationCall } from "../../../races/race-model.ts";
import { formatTrace } from "../../../report/trace/format-trace.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import type { Edit } from "../own-tree.ts";
import { B1, B2, V3_AS_POSTED } from "./history.ts";
import { exploreRace, raceUnit, violatedIn } from "./race-unit.ts";

const CONFIG = "page-mapcount,64bit,mm-id";

const call = (operation: string, parameters: OperationCall["parameters"]): OperationCall => ({ operation, parameters });

/** The child has exited; the parent writes to its large folio while another CPU briefly holds a reference. */
const REFERENCE: RaceCalls = {
  start: [call("anonFault", { mm: 0 }), call("fork", { parent: 0, child: 1 }), call("exit", { mm: 1 })],
  cpus: [[call("writeFault", { mm: 0, entry: 0 })], [call("speculativeReference", {})]],
};

/** The parent has split its PMD and writes while the child, which still has a PMD, exits. */
const PMD: RaceCalls = {
  start: [call("anonFault", { mm: 0 }), call("fork", { parent: 0, child: 1 }), call("splitPmd", { mm: 0 })],
  cpus: [[call("writeFault", { mm: 0, entry: 0 })], [call("exit", { mm: 1 })]],
};

const BOUNDS = { pages: 2, mms: 2, writes: 1, readers: 0, references: 1 };

const FEWER = "VM_WARN_ON_ONCE(folio_large_mapcount(folio) < folio_ref_count(folio))";
const ENTIRE = "VM_WARN_ON_ONCE(folio_entire_mapcount(folio))";

let fixed: CompiledUnit;

beforeAll(async () => {
  fixed = await raceUnit(CONFIG);
});

function traceOf(unit: CompiledUnit, pmd: number, calls: RaceCalls): TraceReport | undefined {
  const [violation, ...others] = violatedIn(exploreRace(unit, { ...BOUNDS, pmd }, { calls }));
  expect(others).toEqual([]);
  return violation?.trace ?? undefined;
}

describe.each<readonly [string, readonly Edit[], number, RaceCalls, string, number]>([
  ["b1", B1, 0, REFERENCE, FEWER, 18],
  ["b2", B2, 1, PMD, ENTIRE, 42],
  ["v3 as posted: b1", V3_AS_POSTED, 0, REFERENCE, FEWER, 21],
  ["v3 as posted: b2", V3_AS_POSTED, 1, PMD, ENTIRE, 42],
])("%s in C", (_, edits, pmd, calls, warning, steps) => {
  let trace: TraceReport;

  beforeAll(async () => {
    trace = traceOf(await raceUnit(CONFIG, edits), pmd, calls) as TraceReport;
  });

  test("raises a warning in an interleaving, with its line", () => {
    expect(trace.property).toBe("C5.compiled");
    expect(trace.warning).toEqual({
      kind: "call",
      faults: [
        {
          kind: "tree-warning",
          place: { file: "mm/memory.c", line: expect.any(Number) },
          condition: expect.stringContaining(warning),
        },
      ],
    });
    expect(trace.steps.length).toBe(steps);
  });

  test("has a trace with a column for each CPU, and the C function and line of each access", () => {
    const text = formatTrace(trace, { color: false, shows: "violated" });
    expect(text).toMatch(/CPU 0 +│ CPU 1/);
    expect(text).toMatch(/\((?:mm|include\/linux)\/\w+\.[ch]:\d+\)/);
    const compiled = trace.steps.flatMap(({ accesses = [] }) => accesses).filter(({ place }) => place !== undefined);
    expect(new Set(compiled.flatMap(({ functions }) => functions))).toContain("__wp_can_reuse_large_anon_folio");
  });

  test("raises no warning in the fixed code in any interleaving", () => {
    expect(traceOf(fixed, pmd, calls)).toBeUndefined();
  });
});

test("C14 is violated by a race in C code, and not by sequential execution of the same calls", async () => {
  // Two MMs map the folio by PMD. One has split its PMD and zaps a page while the other one zaps its PMD.
  const start = [call("anonFault", { mm: 0 }), call("fork", { parent: 0, child: 1 })];
  const [one, other] = [
    [call("splitPmd", { mm: 0 }), call("zap", { mm: 0, first: 0, count: 1 })],
    [call("zap", { mm: 1, first: 0, count: 4 })],
  ] as const;
  const unit = await raceUnit("no-page-mapcount,64bit,mm-id");
  const violated = (cpus: RaceCalls["cpus"]): string[] => {
    const bounds = { cpus: cpus.length, pages: 4, mms: 2, pmd: 1, readers: 0, references: 0 };
    return violatedIn(exploreRace(unit, bounds, { calls: { start, cpus } })).map(({ id }) => id);
  };
  expect(violated([one, other])).toEqual(["C14"]);
  expect(violated([[...one, ...other]])).toEqual([]);
  expect(violated([[...other, ...one]])).toEqual([]);
});
