/** Coverage of a change to a tree by the gate. */
import type { ChangedLine, KernelUnit, LineRange, OverlookedLines, TreeChange } from "../gate/compiled-kernel.ts";
import type { LayoutReport } from "../gate/layout/check-layout.ts";
import type { GateChangeReport, GateFunctionReport } from "./report.ts";

/** Ranges of lines, parts and functions that are told one by one. */
const TOLD = 10;

/** Undefined without a base, and where nothing differs from it. */
export function changeReport(
  units: readonly KernelUnit[],
  functions: readonly GateFunctionReport[],
  layout: LayoutReport | undefined,
): GateChangeReport | undefined {
  const change = units[0]?.change;
  if (change === undefined || isEmpty(change)) {
    return undefined;
  }
  const overlooked = change.overlooked.flatMap((range) => withoutMeasured(range, layout));
  const changed = functions.filter(({ status }) => status === "changed" || status === "new");
  const unreached = namesOf(changed).filter((name) => changed.every((each) => each.name !== name || !didRun(each)));
  const isMeasured = linesIn(overlooked) < linesIn(change.overlooked);
  const isRun = changed.length === 0 ? change.isInUnit : changed.some(didRun);
  const checkedLines = change.lines.filter((each) => isChecked(each, changed, layout));
  return {
    functions: change.functions.map(({ endLine, why, ...each }) => {
      const isOwn = ({ name, file }: GateFunctionReport): boolean => name === each.name && file === each.file;
      // Of lines that nothing in scope has, layouts may be measured.
      const isOpen = overlooked.some(
        (range) => range.file === each.file && range.line <= endLine && each.line <= range.endLine,
      );
      const isUnreached = changed.some(isOwn) && unreached.includes(each.name);
      const reason = isOpen ? why : isUnreached ? NOT_REACHED : undefined;
      return { ...each, checked: reason === undefined, ...(reason === undefined ? {} : { reason }) };
    }),
    lines: { changed: change.lines.length, checked: checkedLines.length },
    overlooked,
    unreached: unreached.flatMap((name) => changed.find((each) => each.name === name) ?? []).map(placeOf),
    notApplied: change.notApplied,
    isLookedAt: isRun || isMeasured,
  };
}

/** Why a function in scope was not checked. */
const NOT_REACHED = "no run reached it";

function isEmpty({ functions, lines, overlooked, notApplied, isInUnit }: TreeChange): boolean {
  return !isInUnit && functions.length + lines.length + overlooked.length + notApplied.length === 0;
}

/** Whether layouts were measured of a line outside of functions, or a run reached a function that depends on it. */
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

/** Whether every function and line that differs was checked. */
export function isCovered({ functions, lines, notApplied }: GateChangeReport): boolean {
  return functions.every(({ checked }) => checked) && lines.checked === lines.changed && notApplied.length === 0;
}

/** The sentences for what was not checked. */
export function changeSentences({ overlooked, unreached, notApplied }: GateChangeReport): string[] {
  const told = (sentences: readonly string[], others: string): string[] =>
    sentences.length <= TOLD
      ? [...sentences]
      : [...sentences.slice(0, TOLD), `${sentences.length - TOLD} more ${others}`];
  return [
    ...told(
      overlooked.map((each) => `${rangeText(each)} is changed, and ${each.why}`),
      "ranges of lines that are changed, and not checked",
    ),
    ...told(notApplied, "parts of the patch that are not applied"),
    ...told(
      unreached.map(({ name, file, line }) => `${name}() at ${file}:${line} is changed, and no run reached it`),
      "functions that are changed, and that no run reached",
    ),
  ];
}

/** `mm/mlock.c:12-19`. */
function rangeText({ file, line, endLine }: OverlookedLines): string {
  return `${file}:${line}${endLine === line ? "" : `-${endLine}`}`;
}

/** What the layouts are measured of was looked at, though no unit has it. */
function withoutMeasured(range: OverlookedLines, layout: LayoutReport | undefined): OverlookedLines[] {
  const left: OverlookedLines[] = [];
  for (let line = range.line; line <= range.endLine; line++) {
    const isMeasured = layout?.lines.some(
      (each) => each.file === range.file && each.line <= line && line <= each.endLine,
    );
    const last = left.at(-1);
    if (isMeasured !== true && last?.endLine === line - 1) {
      left[left.length - 1] = { ...last, endLine: line };
    } else if (isMeasured !== true) {
      left.push({ ...range, line, endLine: line });
    }
  }
  return left;
}

function linesIn(ranges: readonly OverlookedLines[]): number {
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
