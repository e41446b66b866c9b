/** Coverage of a change to a tree by a gate. */

import { type NotChecked, notChecked, skipped } from "../../invariants/not-checked.ts";
import type { GateChangeReport, GateFunctionReport } from "../../verify/report/report.ts";
import type { LayoutReport } from "../layout/layout-report.ts";
import type { ChangedLine, TreeChange, UncheckedLines } from "../tree/changed-code.ts";
import type { LineRange } from "../tree/line-set.ts";
import { ImageCoverage } from "./image-coverage.ts";
import type { ReportedUnit } from "./unit-part.ts";

/** Largest number of line ranges, parts and functions that are each reported individually. */
const REPORTED = 10;

/** Reports the coverage of a change; undefined without a base, and if nothing differs from it. */
export function changeReport(
  units: readonly ReportedUnit[],
  functions: readonly GateFunctionReport[],
  layout: LayoutReport | undefined,
  image: ImageCoverage = new ImageCoverage([], {}),
): GateChangeReport | undefined {
  const change = units[0]?.change;
  if (change === undefined || isEmpty(change)) {
    return undefined;
  }
  const isMeasuredLine = ({ file, line }: Line): boolean =>
    layout?.lines.some((each) => each.file === file && each.line <= line && line <= each.endLine) === true;
  const unmeasured = change.uncovered.flatMap((range) => without(range, isMeasuredLine));
  const uncovered = unmeasured
    .flatMap((range) => without(range, ({ file, line }) => image.isReached(file, line)))
    .flatMap((range) => byReason(range, image));
  const changed = functions.filter(({ status }) => status === "changed" || status === "new");
  const unreached = namesOf(changed).filter((name) => changed.every((each) => each.name !== name || !didRun(each)));
  const isAnyLineChecked = linesIn(uncovered) < linesIn(change.uncovered);
  const isRun = changed.length === 0 ? change.isInUnit : changed.some(didRun);
  const checkedLines = change.lines.filter((each) => isChecked(each, changed, layout));
  return {
    functions: change.functions.map(({ endLine, why, ...each }) => {
      const isOwn = ({ name, file }: GateFunctionReport): boolean => name === each.name && file === each.file;
      // Lines outside of the functions in scope may be part of a measured layout, or reached on an image.
      const isUnreached = changed.some(isOwn) && unreached.includes(each.name);
      const [first] = uncovered.filter(
        (range) => range.file === each.file && range.line <= endLine && each.line <= range.endLine,
      );
      const reason = first !== undefined ? first.why : isUnreached ? NOT_REACHED : undefined;
      return { ...each, checked: reason === undefined, ...(reason === undefined ? {} : { reason }) };
    }),
    lines: { changed: change.lines.length, checked: checkedLines.length },
    uncovered,
    unreached: unreached.flatMap((name) => changed.find((each) => each.name === name) ?? []).map(placeOf),
    notApplied: change.notApplied,
    isAnyChecked: isRun || isAnyLineChecked,
  };
}

/** Reasons for which changed code was not checked. */
const NOT_REACHED = "no run reached it";
const NOT_REACHED_ON_IMAGE = "no operation on an mm image reached it";

function isEmpty({ functions, lines, uncovered, notApplied, isInUnit }: TreeChange): boolean {
  return !isInUnit && functions.length + lines.length + uncovered.length + notApplied.length === 0;
}

/**
 * Whether a line outside of functions was checked: a measured layout, or a function that a run reached, depends on it.
 */
function isChecked(
  { file, line, why }: ChangedLine,
  changed: readonly GateFunctionReport[],
  layout: LayoutReport | undefined,
): boolean {
  const hasLine = (range: LineRange): boolean => range.file === file && range.line <= line && line <= range.endLine;
  if (layout?.lines.some(hasLine) === true) {
    return true;
  }
  const users = changed.filter(({ changes = [] }) => changes.some(hasLine));
  return why === undefined && (users.length === 0 || users.some(didRun));
}

/** Whether every changed function and line was checked. */
export function isCovered({ functions, lines, notApplied }: GateChangeReport): boolean {
  return functions.every(({ checked }) => checked) && lines.checked === lines.changed && notApplied.length === 0;
}

/** Reports the unchecked parts of a change: the first ranges, parts and functions, and the number of others. */
export function changeNotChecked({ uncovered, unreached, notApplied }: GateChangeReport): NotChecked[] {
  const first = (all: readonly NotChecked[], others: string): NotChecked[] =>
    all.length <= REPORTED ? [...all] : [...all.slice(0, REPORTED), skipped(`${all.length - REPORTED} more ${others}`)];
  return [
    ...first(
      uncovered.map(({ file, line, endLine, why }) => notChecked({ lines: { file, line, endLine } }, why)),
      "ranges of lines that are changed, and not checked",
    ),
    ...first(
      notApplied.map((each) => skipped(each)),
      "parts of the patch that are not applied",
    ),
    ...first(
      unreached.map((each) => notChecked({ function: each }, NOT_REACHED)),
      "functions that are changed, and that no run reached",
    ),
  ];
}

/** A line of a file. */
type Line = Pick<LineRange, "file" | "line">;

/** Splits a range into the ranges that remain without some of its lines. */
function without(range: UncheckedLines, isIn: (line: Line) => boolean): UncheckedLines[] {
  return linesOf(range)
    .flatMap((each) => (isIn(each) ? [] : [each]))
    .reduce(joined, []);
}

/**
 * Splits a range by the reason for which its lines were not checked: code of an image was compiled, but not reached.
 */
function byReason(range: UncheckedLines, image: ImageCoverage): UncheckedLines[] {
  return linesOf(range)
    .map((each) => (image.hasCode(each.file, each.line) ? { ...each, why: NOT_REACHED_ON_IMAGE } : each))
    .reduce(joined, []);
}

function linesOf(range: UncheckedLines): UncheckedLines[] {
  return Array.from({ length: range.endLine - range.line + 1 }, (_, i) => {
    const line = range.line + i;
    return { ...range, line, endLine: line };
  });
}

/** Appends a line to ranges: to the last range if it is adjacent, else as a new one. */
function joined(ranges: UncheckedLines[], next: UncheckedLines): UncheckedLines[] {
  const last = ranges.at(-1);
  return last?.endLine === next.line - 1 && last.why === next.why
    ? [...ranges.slice(0, -1), { ...last, endLine: next.endLine }]
    : [...ranges, next];
}

function linesIn(ranges: readonly UncheckedLines[]): number {
  return ranges.reduce((sum, { line, endLine }) => sum + endLine - line + 1, 0);
}

function didRun({ outcome }: GateFunctionReport): boolean {
  return outcome !== "not reached" && outcome !== "missing";
}

function namesOf(functions: readonly GateFunctionReport[]): string[] {
  return [...new Set(functions.map(({ name }) => name))];
}

function placeOf({ name, file, line }: GateFunctionReport): GateChangeReport["unreached"][number] {
  return { name, file, line };
}
