/** Outcome of one run of a gate. */
import type { Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";

/** A job with its report. */
export interface GateOutcome {
  readonly job: Job;
  readonly report: RunReport;
  /** Whether a follow-up run continued past its findings, and decides its incomplete properties. */
  readonly hasFollowUp: boolean;
}

/** Whether a run is complete, or a follow-up run continues it. */
export function isComplete({ report, hasFollowUp }: GateOutcome): boolean {
  const isOpen = report.stopped !== undefined || report.properties.some(({ verdict }) => verdict === "incomplete");
  return hasFollowUp || !isOpen;
}
