/** Trace files that commands read. */
import { readFileSync } from "node:fs";
import { reasonOf } from "../files/system-error.ts";
import type { TraceReport } from "../verify/report.ts";
import { parseTrace } from "../verify/trace-file.ts";
import { UsageError } from "../verify/usage-error.ts";

/** The trace in a file. @throws UsageError when it cannot be read, or is none */
export function readTraceFile(file: string): TraceReport {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  return parseTrace(text, file);
}
