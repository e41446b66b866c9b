/** Small traces of mm images, written by foliocheck, without functions and descriptions of states. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TraceReport } from "../../../verify/report/report.ts";
import { parseTrace } from "../../../verify/trace/trace-file.ts";

/** Names of the files. The last one is of 6.18.2, whose shrinker does not split a THP that two processes map. */
export const STORED_TRACES = [
  "copy-on-write-of-a-huge-page",
  "copy-on-write-of-a-large-folio",
  "split-of-a-huge-page",
  "huge-page-that-is-not-split",
] as const;

/** Returns the path of a file. */
export function storedTraceFile(name: (typeof STORED_TRACES)[number]): string {
  return fileURLToPath(new URL(`./traces/${name}.json`, import.meta.url));
}

/** Reads the trace in a file. */
export function storedTrace(name: (typeof STORED_TRACES)[number]): TraceReport {
  return parseTrace(readFileSync(storedTraceFile(name), "utf8"), name);
}
