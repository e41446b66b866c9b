/** Trace files as input. */
import { reasonOf } from "../files/error-reason.ts";
import { readInput } from "../files/read-input.ts";
import type { TraceReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { parseTrace } from "../verify/trace/trace-file.ts";

/**
 * Reads the trace in a file, or from standard input for `-`. @throws UsageError when it cannot be read, or is no trace
 */
export async function readTraceFile(file: string): Promise<TraceReport> {
  let text: string;
  try {
    text = await readInput(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  return parseTrace(text, file);
}
