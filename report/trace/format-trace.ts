/** Traces as text, in colours if the medium has them. */
import type { TraceReport } from "../../verify/report/report.ts";
import { type PrintOptions, printBlocks } from "../text/print-lines.ts";
import { type TraceOptions, traceLines } from "./trace.ts";

/** Formats a trace. */
export function formatTrace(trace: TraceReport, options: TraceOptions & PrintOptions): string {
  return printBlocks(traceLines(trace, options), options);
}
