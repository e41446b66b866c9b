/** Coverage of a change by a gate, as text. */
import type { ChangedCode, ChangedFunction } from "../../gate/tree/changed-code.ts";
import type { GateChangeReport, GateReport } from "../../verify/report/report.ts";
import { plural } from "./numbers.ts";

/** Largest number of functions and lines that a notice lists individually. */
const MOST_LISTED = 10;

/** Returns a remark for the verdict if part of the change was not checked; else an empty text. */
export function changeRemark({ change, verdict }: GateReport): string {
  if (change === undefined) {
    return "";
  }
  if (!change.isAnyChecked) {
    return `, ${verdict === "holds" ? "but" : "and"} no changed line was checked`;
  }
  const gaps = coverageGaps(change);
  return gaps.length === 0 ? "" : `; ${gaps.join(", ")}`;
}

/** Describes unchecked functions, lines and parts of a patch: `1 of 2 changed functions was not checked`. */
export function coverageGaps({ functions, lines, notApplied }: GateChangeReport): string[] {
  const unchecked = functions.filter(({ checked }) => !checked).length;
  return [
    ...gap(unchecked, functions.length, "changed function", "not checked"),
    ...gap(lines.changed - lines.checked, lines.changed, "changed line", "not checked", " outside of functions"),
    ...(notApplied.length === 0 ? [] : [`${plural(notApplied.length, "part")} of the patch not applied`]),
  ];
}

function gap(unchecked: number, all: number, noun: string, participle: string, where = ""): string[] {
  return unchecked === 0
    ? []
    : [`${unchecked} of ${plural(all, noun)}${where} ${unchecked === 1 ? "was" : "were"} ${participle}`];
}

/** Describes the functions and lines that no run can check, as determined before the exploration. */
export function coverageNotice({ functions, lines, notApplied }: ChangedCode): string[] {
  const others = functions.filter(({ why }) => why !== undefined);
  const otherLines = lines.filter(({ why }) => why !== undefined);
  const places = otherLines.map(({ file, line, why }) => `${file}:${line}: ${why}`);
  return [
    ...section(others.length, functions.length, "changed function", others.map(functionText)),
    ...section(otherLines.length, lines.length, "changed line", places, " outside of functions"),
    ...(notApplied.length === 0 ? [] : [`Parts of the patch that are not applied:`, ...list(notApplied)]),
  ];
}

function section(count: number, all: number, noun: string, items: readonly string[], where = ""): string[] {
  return count === 0
    ? []
    : [`${count} of ${plural(all, noun)}${where} will not be checked by any run:`, ...list(items)];
}

function functionText({ name, file, line, why }: ChangedFunction): string {
  return `${name}() at ${file}:${line}: ${why}`;
}

function list(items: readonly string[]): string[] {
  const more = items.length - MOST_LISTED;
  return [...items.slice(0, MOST_LISTED), ...(more > 0 ? [`${more} more`] : [])].map((each) => `  ${each}`);
}
