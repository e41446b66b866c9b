/** Outcome of one run of a gate. */
import type { CompiledSubject, Job } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { Mode } from "../adapter/compiled-functions.ts";

/** The question of a run: conformance or claims of the functions in scope, or claims on an mm image. */
export type RunMode = Mode | "image";

/** The report of a run, as JSON values. */
export interface GateOutcome {
  readonly mode: RunMode;
  readonly report: RunReport;
  /** Whether a follow-up run continued past its findings, and decides its incomplete properties. */
  readonly hasFollowUp: boolean;
}

/** Returns the mode of a job. */
export function modeOf({ compiled, image }: Job): RunMode {
  return image === undefined ? (compiled as CompiledSubject).mode : "image";
}

/** Whether a run is complete, or a follow-up run continues it. */
export function isComplete({ report, hasFollowUp }: GateOutcome): boolean {
  const isOpen = report.stopped !== undefined || report.properties.some(({ verdict }) => verdict === "incomplete");
  return hasFollowUp || !isOpen;
}
