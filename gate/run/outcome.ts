/** What came of one run of a gate. */
import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";

/** A job with its report. */
export interface GateOutcome {
  readonly job: Job;
  readonly report: RunReport;
  /** Whether it was run again without what it found: what is open here, that run decides. */
  readonly followed: boolean;
}

/** Whether a run leaves nothing open, be it that another one goes on. */
export function isComplete({ report, followed }: GateOutcome): boolean {
  const isOpen = report.stopped !== undefined || report.properties.some(({ verdict }) => verdict === "incomplete");
  return followed || !isOpen;
}
