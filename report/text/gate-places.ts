/** Where a finding of the gate is shown in the tree: the changed lines that may be its cause. */

import { functionOf } from "../../gate/run/proof-findings.ts";
import type { GateFindingReport, GateReport, LineRange, TraceReport } from "../../verify/report/report.ts";
import { treeFunctionsIn, treeFunctionsOf } from "../../verify/trace/tree-trace.ts";

/** Lines of a file of the tree; a function is shown by its first line. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly endLine?: number;
}

/** Where the structs are whose layout is checked. */
const STRUCTS = "include/linux/mm_types.h";

/**
 * The changed lines of the functions that ran in the trace, each range once; of a trace on an mm image, the changed
 * functions. Where nothing that changed ran, or nothing has changed, the function at fault, or of a race the last
 * access; nowhere when neither is known. About a layout, what else decides it, or the changed lines of the structs.
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
    // Most of what runs is out of the scope of single functions: of a changed one its first line is known.
    return (change?.functions ?? []).filter((each) => ran.has(each.name)).map(({ file, line }) => ({ file, line }));
  }
  const own = functions.filter(({ line, config }) => line > 0 && configs.includes(config));
  const changes = own.filter((each) => ran.has(each.name)).flatMap((each) => each.changes ?? []);
  if (changes.length > 0) {
    return joined(changes);
  }
  const atFault = own.find((each) => each.name === name);
  return atFault === undefined ? lastAccessIn(trace) : [{ file: atFault.file, line: atFault.line }];
}

/** Names of the C functions that a trace tells of. */
function functionsIn({ steps, asked = [] }: TraceReport): readonly string[] {
  return [...steps.flatMap(treeFunctionsOf), ...treeFunctionsIn(asked)];
}

/** Of a trace of single accesses, the last one of the tree's C code. */
function lastAccessIn(trace: TraceReport | null): Place[] {
  const accesses = trace?.steps.flatMap((step) => step.accesses ?? []) ?? [];
  const last = accesses.findLast(({ place }) => place !== undefined);
  return last?.place === undefined ? [] : [last.place];
}

/** Ranges in the order of files and lines; those that overlap or follow each other are one. */
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
