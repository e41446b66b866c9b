/** Requests to explore fixed calls, given as text. */
import type { Bounds } from "../../machines/machine.ts";
import { groupsOf, RACE_MACHINE } from "../../machines/race.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Exploration } from "../../model/kernels/variant.ts";
import type { RaceCalls } from "../../model/race/race-calls.ts";
import { parseCalls, parseCpuCalls } from "../request/race-calls.ts";
import { boundsWithin, type JobRequest, type ResolvedJob, resolve } from "./job.ts";

/** Fixed calls of CPUs, as text. */
export type CallTexts = NonNullable<Exploration["calls"]>;

/**
 * Resolves the job of machine race whose CPUs execute fixed calls. The calls determine the number of CPUs and the
 * groups of operations.
 *
 * @param request everything but calls
 * @throws UsageError as resolve() does, and for text that is not a list of calls within the bounds
 */
export function resolveCalls(request: JobRequest, texts: CallTexts): ResolvedJob {
  const { kernel } = resolve(request);
  return resolve({ ...request, ...boundedCalls(request.bounds ?? {}, kernel, texts) });
}

/**
 * Parses calls, and completes the bounds by the number of CPUs and the groups of operations that the calls determine.
 *
 * @throws UsageError for bounds out of range, and for text that is not a list of calls within the bounds
 */
export function boundedCalls(
  given: Bounds,
  kernel: Kernel,
  { start, cpus }: CallTexts,
): { readonly bounds: Bounds; readonly calls: RaceCalls } {
  const bounds = { ...groupsOf({ start: [], cpus: [] }), ...given, cpus: cpus.split("|").length };
  const signatures = RACE_MACHINE.calls?.signatures(boundsWithin(RACE_MACHINE, bounds), kernel) ?? [];
  const calls = { start: parseCalls(start, signatures), cpus: parseCpuCalls(cpus, signatures) };
  return { bounds: boundsWithin(RACE_MACHINE, { ...bounds, ...groupsOf(calls) }), calls };
}
