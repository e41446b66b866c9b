/** How much of a change the gate checks, in words. */
import type { ChangedCode, ChangedFunction } from "../../gate/tree/changed-code.ts";
import type { GateChangeReport, GateReport } from "../../verify/report/report.ts";
import { plural } from "./numbers.ts";

/** Functions and lines that a notice names one by one. */
const NAMED = 10;

/** Remark behind the verdict when part of the change was not checked; else empty. */
export function changeRemark({ change, verdict }: GateReport): string {
  if (change === undefined) {
    return "";
  }
  if (!change.isLookedAt) {
    return `, ${verdict === "holds" ? "but" : "and"} no changed line was checked`;
  }
  const gaps = coverageGaps(change);
  return gaps.length === 0 ? "" : `; ${gaps.join(", ")}`;
}

/** `1 of 2 changed functions was not checked`, and the like for lines and parts of a patch. */
export function coverageGaps({ functions, lines, notApplied }: GateChangeReport): string[] {
  const open = functions.filter(({ checked }) => !checked).length;
  return [
    ...gap(open, functions.length, "changed function", "not checked"),
    ...gap(lines.changed - lines.checked, lines.changed, "changed line", "not checked", " outside of functions"),
    ...(notApplied.length === 0 ? [] : [`${plural(notApplied.length, "part")} of the patch not applied`]),
  ];
}

function gap(open: number, all: number, noun: string, participle: string, where = ""): string[] {
  return open === 0 ? [] : [`${open} of ${plural(all, noun)}${where} ${open === 1 ? "was" : "were"} ${participle}`];
}

/** Functions and lines that no run will check, as far as known before any search, as lines of text. */
export function coverageNotice({ functions, lines, notApplied }: ChangedCode): string[] {
  const open = functions.filter(({ why }) => why !== undefined);
  const others = lines.filter(({ why }) => why !== undefined);
  const places = others.map(({ file, line, why }) => `${file}:${line}: ${why}`);
  return [
    ...section(open.length, functions.length, "changed function", open.map(functionText)),
    ...section(others.length, lines.length, "changed line", places, " outside of functions"),
    ...(notApplied.length === 0 ? [] : [`Parts of the patch that are not applied:`, ...listed(notApplied)]),
  ];
}

function section(open: number, all: number, noun: string, items: readonly string[], where = ""): string[] {
  return open === 0
    ? []
    : [`${open} of ${plural(all, noun)}${where} will not be checked by any run:`, ...listed(items)];
}

function functionText({ name, file, line, why }: ChangedFunction): string {
  return `${name}() at ${file}:${line}: ${why}`;
}

function listed(items: readonly string[]): string[] {
  const more = items.length - NAMED;
  return [...items.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].map((each) => `  ${each}`);
}
