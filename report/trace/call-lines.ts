/** The calls of a trace, in lines. */
import type { TraceReport } from "../../verify/report/report.ts";
import { callHeading } from "./call-heading.ts";
import { episodesOf } from "./race-episodes.ts";
import { isRaceTrace, raceSummary } from "./race-trace.ts";

/**
 * Returns the numbered calls of a trace; for a trace of single accesses, a summary and the first steps of operations.
 */
export function callLines(trace: TraceReport): string[] {
  if (!isRaceTrace(trace)) {
    return trace.steps.map((step, i) => `${i + 1}. ${callHeading(step)}`);
  }
  const executions = episodesOf(trace.steps).flatMap((episode) => episode.executions);
  return [raceSummary(trace), ...executions.map(({ first, call, cpu }) => `${first + 1}. ${call} on CPU ${cpu}`)];
}
