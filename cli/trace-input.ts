/** Trace files that commands read. */
import { reasonOf } from "../files/error-reason.ts";
import { readInput } from "../files/read-input.ts";
import type { TraceReport } from "../verify/report.ts";
import { parseTrace } from "../verify/trace-file.ts";
import { UsageError } from "../verify/usage-error.ts";

/** The trace in a file, or from standard input for `-`. @throws UsageError when it cannot be read, or is no trace */
export async function readTraceFile(file: string): Promise<TraceReport> {
  let text: string;
  try {
    text = await readInput(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  return parseTrace(text, file);
}
