/** Traces as text, in colours if the medium has them. */
import type { TraceReport } from "../../verify/report/report.ts";
import { printLines } from "../text/print-lines.ts";
import { type TraceOptions, traceLines } from "./trace.ts";

/** Formats a trace. */
export function formatTrace(
  trace: TraceReport,
  { color, ...options }: TraceOptions & { readonly color: boolean },
): string {
  return printLines(traceLines(trace, options), color);
}
