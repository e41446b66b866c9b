/** Reports and trace files as JSON. Their schema is docs/report.schema.json. */
import type { Report, TraceReport } from "../../verify/report/report.ts";

/** Formats a report, or the content of a trace file. */
export function json(report: Report | TraceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
