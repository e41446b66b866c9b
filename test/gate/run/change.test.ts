import { describe, expect, test } from "vitest";
import { type FileCoverage, mergedCoverage } from "../../../gate/image/module/coverage.ts";
import { changeNotChecked, changeReport, isCovered } from "../../../gate/run/change.ts";
import { ImageCoverage } from "../../../gate/run/image-coverage.ts";
import { sourceShapes } from "../../../gate/run/source-shape.ts";
import type { TreeChange } from "../../../gate/tree/changed-code.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import type { GateChangeReport, GateFunctionReport } from "../../../verify/report/report.ts";

const unitWith = (change: TreeChange | undefined): TranslationUnit => ({
  configuration: { pageMapcount: true, is64Bit: true, mmId: true },
  source: "",
  functions: [],
  harnessFunctions: [],
  warnings: [],
  counts: [],
  hasPageMapcountOption: true,
  modelKernel: { name: "v7.1" },
  ...(change === undefined ? {} : { change }),
});

const functionReport = (name: string, more: Partial<GateFunctionReport>): GateFunctionReport => ({
  name,
  config: "page-mapcount,64bit,mm-id",
  file: "mm/rmap.c",
  line: 7,
  status: "changed",
  outcome: "conforms",
  compared: 1,
  states: 1,
  held: [],
  broken: [],
  ...more,
});

const LINES = { file: "include/linux/mm_types.h", line: 10, endLine: 14, why: "no configuration here has it" };
const NOTHING: TreeChange = { functions: [], lines: [], uncovered: [], isInUnit: false, notApplied: [] };
const CHANGE: TreeChange = { ...NOTHING, uncovered: [LINES] };

const reportOf = (
  change: TreeChange | undefined,
  functions: readonly GateFunctionReport[] = [],
  lines: readonly { file: string; line: number; endLine: number }[] = [],
): GateChangeReport | undefined =>
  changeReport([unitWith(change)], functions, { verdicts: [], faults: [], notChecked: [], lines });

describe("the report on a change", () => {
  test("is undefined without a base, and if nothing differs", () => {
    expect(reportOf(undefined)).toBeUndefined();
    expect(reportOf(NOTHING)).toBeUndefined();
    expect(reportOf({ ...NOTHING, notApplied: ["x"] })?.isAnyChecked).toBe(false);
  });

  test("does not list lines of measured layouts as not checked", () => {
    expect(reportOf(CHANGE)).toMatchObject({ uncovered: [LINES], isAnyChecked: false });
    const measured = { ...LINES, line: 12, endLine: 13 };
    expect(reportOf(CHANGE, [], [measured])).toMatchObject({
      uncovered: [
        { ...LINES, endLine: 11 },
        { ...LINES, line: 14 },
      ],
      isAnyChecked: true,
    });
    expect(changeReport([unitWith(CHANGE)], [], undefined)?.uncovered).toEqual([LINES]);
  });

  test("lists changed functions that no run reached in any configuration", () => {
    const functions = [
      functionReport("never", { outcome: "not reached" }),
      functionReport("once", { outcome: "not reached" }),
      functionReport("once", { config: "page-mapcount,32bit,mm-id", outcome: "ran" }),
      functionReport("unchanged", { status: "unchanged", outcome: "not reached" }),
    ];
    const change: TreeChange = { ...CHANGE, isInUnit: true };
    expect(reportOf(change, functions)).toMatchObject({
      unreached: [{ name: "never", file: "mm/rmap.c", line: 7 }],
      isAnyChecked: true,
    });
    expect(reportOf(change, functions.slice(0, 1))).toMatchObject({ isAnyChecked: false });
  });
});

describe("the changed functions and lines", () => {
  const FILE = "mm/rmap.c";
  const fn = (name: string, line: number, why?: string): TreeChange["functions"][number] => ({
    name,
    file: FILE,
    line,
    endLine: line + 2,
    status: "changed",
    ...(why === undefined ? {} : { why }),
  });
  const WHY = "nothing in scope uses it";
  const change: TreeChange = {
    ...NOTHING,
    functions: [fn("reached", 10), fn("idle", 20), fn("caller", 30, WHY)],
    lines: [
      { file: "a.h", line: 1 },
      { file: "a.h", line: 2 },
      { file: "a.h", line: 3, why: WHY },
    ],
    uncovered: [
      { file: FILE, line: 31, endLine: 31, why: WHY },
      { file: "a.h", line: 3, endLine: 3, why: WHY },
    ],
    isInUnit: true,
  };
  const functions = [
    functionReport("reached", { changes: [{ file: "a.h", line: 1, endLine: 1 }] }),
    functionReport("idle", { outcome: "not reached", changes: [{ file: "a.h", line: 2, endLine: 2 }] }),
  ];

  test("are checked if a run reached them or a function that depends on them", () => {
    const report = reportOf(change, functions) as GateChangeReport;
    expect(report.functions.map(({ name, checked, reason }) => [name, checked, reason])).toEqual([
      ["reached", true, undefined],
      ["idle", false, "no run reached it"],
      ["caller", false, WHY],
    ]);
    expect(report.lines).toEqual({ changed: 3, checked: 1 });
    expect(isCovered(report)).toBe(false);
  });

  test("are checked if they are part of measured layouts", () => {
    const measured = [
      { file: FILE, line: 30, endLine: 32 },
      { file: "a.h", line: 3, endLine: 3 },
    ];
    const report = reportOf(change, functions, measured) as GateChangeReport;
    expect(report.functions.at(-1)).toMatchObject({ name: "caller", checked: true });
    expect(report.lines.checked).toBe(2);
  });

  test("cover a change only if all of them are checked and all of the patch is applied", () => {
    const all: TreeChange = {
      ...change,
      functions: [fn("reached", 10)],
      lines: change.lines.slice(0, 1),
      uncovered: [],
    };
    const report = reportOf(all, functions) as GateChangeReport;
    expect(isCovered(report)).toBe(true);
    expect(isCovered({ ...report, notApplied: ["x is binary in the patch"] })).toBe(false);
    expect(isCovered({ ...report, lines: { changed: 2, checked: 1 } })).toBe(false);
  });
});

describe("the sentences about lines that are not checked", () => {
  const change: GateChangeReport = {
    functions: [],
    lines: { changed: 0, checked: 0 },
    uncovered: Array.from({ length: 13 }, (_, i) => ({ ...LINES, line: i + 1, endLine: i + 1 })),
    unreached: [{ name: "never", file: "mm/rmap.c", line: 7 }],
    notApplied: ["mm/mlock.c is changed by the patch, and not in the tree"],
    isAnyChecked: false,
  };

  test("list ten ranges, and the number of others", () => {
    const sentences = changeNotChecked(change).map(notCheckedText);
    expect(sentences).toHaveLength(13);
    expect(sentences[0]).toBe("include/linux/mm_types.h:1 is changed, and no configuration here has it");
    expect(sentences.slice(10)).toEqual([
      "3 more ranges of lines that are changed, and not checked",
      "mm/mlock.c is changed by the patch, and not in the tree",
      "never() at mm/rmap.c:7 is changed, and no run reached it",
    ]);
    expect(changeNotChecked({ ...change, uncovered: [LINES] }).map(notCheckedText)[0]).toMatch(
      /mm_types\.h:10-14 is changed/,
    );
  });
});

describe("changed lines that a run on an mm image reached", () => {
  const FILE = "mm/memory.c";
  const TEXT = [
    "int f(int a)",
    "{",
    "  a = 1;",
    "  /* no code */",
    "  a +=",
    "    2;",
    "#ifdef X",
    "  a = 3;",
    "#endif",
    "}",
  ];
  const run = (code: FileCoverage["code"], reached: FileCoverage["reached"]): readonly FileCoverage[] => [
    { file: FILE, code, reached },
  ];
  const reportOn = (
    line: number,
    endLine: number,
    runs: readonly (readonly FileCoverage[])[],
  ): GateChangeReport | undefined =>
    changeReport(
      [
        unitWith({
          ...NOTHING,
          functions: [{ name: "f", file: FILE, line: 1, endLine: 10, status: "changed", why: "out of scope" }],
          uncovered: [{ file: FILE, line, endLine, why: "out of scope" }],
        }),
      ],
      [],
      undefined,
      new ImageCoverage(
        mergedCoverage(runs),
        sourceShapes([FILE], () => TEXT.join("\n")),
      ),
    );
  const CODE = [
    [3, 3],
    [5, 5],
    [10, 10],
  ] as const;

  test("are checked, with lines without code between them", () => {
    const report = reportOn(3, 5, [run(CODE, CODE)]) as GateChangeReport;
    expect(report).toMatchObject({ uncovered: [], isAnyChecked: true, functions: [{ name: "f", checked: true }] });
    expect(isCovered(report)).toBe(true);
  });

  test("are checked if a run of any configuration reached them", () => {
    expect(reportOn(3, 5, [run(CODE, [[3, 3]]), run(CODE, [[5, 5]])])?.uncovered).toEqual([]);
  });

  test("are not checked if only other lines of the function were reached, or a directive is in between", () => {
    expect(reportOn(3, 5, [run(CODE, [[3, 3]])])).toMatchObject({
      uncovered: [
        { line: 4, endLine: 4, why: "out of scope" },
        { line: 5, endLine: 5, why: "no operation on an mm image reached it" },
      ],
      isAnyChecked: true,
      functions: [{ name: "f", checked: false }],
    });
    expect(reportOn(8, 8, [run(CODE, CODE)])).toMatchObject({
      uncovered: [{ line: 8, endLine: 8, why: "out of scope" }],
      isAnyChecked: false,
    });
  });
});
