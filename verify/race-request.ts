/** Requests to explore fixed calls, which are written as text. */
import { groupsOf, RACE_MACHINE } from "../invariants/race-machine.ts";
import type { Exploration } from "../model/variants/variant.ts";
import { type JobRequest, type ResolvedJob, resolve } from "./job.ts";
import { parseCalls, parseCpuCalls } from "./race-calls.ts";

/**
 * The job of machine race whose CPUs execute calls. Those decide the number of CPUs and which groups of operations there are.
 *
 * @param request everything but calls
 * @throws UsageError as resolve() does, and for text that is no calls within the bounds
 */
export function resolveCalls(request: JobRequest, { start, cpus }: NonNullable<Exploration["calls"]>): ResolvedJob {
  const bounds = { ...groupsOf({ start: [], cpus: [] }), ...request.bounds, cpus: cpus.split("|").length };
  const { job, kernel } = resolve({ ...request, bounds });
  const signatures = RACE_MACHINE.calls?.signatures(job.bounds, kernel) ?? [];
  const calls = { start: parseCalls(start, signatures), cpus: parseCpuCalls(cpus, signatures) };
  return resolve({ ...request, bounds: { ...bounds, ...groupsOf(calls) }, calls });
}
