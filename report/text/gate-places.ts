/** Places of a finding in the tree: the changed lines that may be its cause. */

import { functionOf } from "../../gate/run/proof-findings.ts";
import type { GateFindingReport, GateReport, LineRange, TraceReport } from "../../verify/report/report.ts";
import { treeFunctionsIn, treeFunctionsOf } from "../../verify/trace/tree-trace.ts";

/** Lines of a file of the tree; the first line for a function. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly endLine?: number;
}

/** File of the structs whose layout is checked: every tree has it. */
export const STRUCTS = "include/linux/mm_types.h";

/**
 * Returns the changed lines of the functions that ran in the trace, each range once; for a trace of an mm image, the
 * changed functions. If no changed function ran, the faulty function, for an image the failed assertion, or for a race
 * the last access, if known. For a layout, the code that causes it, or the changed lines of the structs.
 */
export function placesOf(
  { function: operation, cause, mode, trace, configs, place }: GateFindingReport,
  { functions, change }: GateReport,
): Place[] {
  if (place !== undefined) {
    return [place];
  }
  if (mode === "layout") {
    return joined(functions.flatMap(({ changes = [] }) => changes).filter(({ file }) => file === STRUCTS));
  }
  const name = cause?.kind === "induction" ? functionOf(cause.obligation) : operation;
  const ran = new Set([...(name === undefined ? [] : [name]), ...(trace === null ? [] : functionsIn(trace))]);
  if (mode === "image") {
    // Most functions of an image are not in scope: only the first line of a changed function is available.
    const changed = (change?.functions ?? []).filter((each) => ran.has(each.name));
    return changed.length > 0 ? changed.map(({ file, line }) => ({ file, line })) : assertionIn(cause);
  }
  const own = functions.filter(({ line, config }) => line > 0 && configs.includes(config));
  const changes = own.filter((each) => ran.has(each.name)).flatMap((each) => each.changes ?? []);
  if (changes.length > 0) {
    return joined(changes);
  }
  const faulty = own.find((each) => each.name === name);
  return faulty === undefined ? lastAccessIn(trace) : [{ file: faulty.file, line: faulty.line }];
}

/** Lists the C functions in a trace. */
function functionsIn({ steps, queries = [] }: TraceReport): readonly string[] {
  return [...steps.flatMap(treeFunctionsOf), ...treeFunctionsIn(queries)];
}

/** Returns the place of an assertion of the tree that failed. */
function assertionIn(cause: GateFindingReport["cause"]): Place[] {
  return cause?.kind === "image" && cause.report.kind === "assertion" ? [cause.report.place] : [];
}

/** Returns the place of the last access of C code in a trace of single accesses. */
function lastAccessIn(trace: TraceReport | null): Place[] {
  const accesses = trace?.steps.flatMap((step) => step.accesses ?? []) ?? [];
  const last = accesses.findLast(({ place }) => place !== undefined);
  return last?.place === undefined ? [] : [last.place];
}

/** Sorts ranges by file and line, and merges overlapping and adjacent ones. */
function joined(ranges: readonly LineRange[]): LineRange[] {
  const sorted = [...ranges].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  const result: LineRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last?.file === range.file && range.line <= last.endLine + 1) {
      result[result.length - 1] = { ...last, endLine: Math.max(last.endLine, range.endLine) };
    } else {
      result.push(range);
    }
  }
  return result;
}

/** Returns the unchecked changed lines, and the changed functions that no run reached, each with the reason. */
export function uncheckedPlaces({ change }: GateReport): { readonly place: Place; readonly sentence: string }[] {
  return [
    ...(change?.uncovered ?? []).map(({ why, ...place }) => ({ place, why })),
    ...(change?.unreached ?? []).map(({ name, ...place }) => ({ place, why: `no run reached ${name}()` })),
  ].map(({ place, why }) => ({ place, sentence: `This is changed, and ${why}` }));
}
