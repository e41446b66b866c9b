/** The report as JSON, and traces as files. Both are described by docs/report.schema.json. */
import type { Report, TraceReport } from "../../verify/report/report.ts";

/** A report, or a trace as the content of a trace file. */
export function json(report: Report | TraceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
