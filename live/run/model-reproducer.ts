/** Generates C programs that execute traces of the model on a running kernel. */
import type { ActionCall } from "../../explore/model/model.ts";
import { PAGE_TABLE_MACHINES } from "../../machines/index.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { ResolvedJob } from "../../verify/job/job.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { reproducer } from "../reproducer/reproducer.ts";
import type { ReproducerSources } from "../reproducer/reproducer-program.ts";
import { NotReproducible } from "../walk/not-reproducible.ts";
import { PackedWorld } from "../walk/packed-world.ts";
import { liveModel, sessionBounds } from "../walk/scopes.ts";

/**
 * Returns a C program that executes the calls of a trace.
 *
 * @param resolved the model whose states are expected
 * @throws UsageError when a step cannot be performed from user space
 */
export function modelReproducer(
  trace: TraceReport,
  resolved: ResolvedJob,
  calls: readonly ActionCall[],
  sources: ReproducerSources,
): string {
  const { machine, kernel, config, bounds } = resolved.job;
  if (!PAGE_TABLE_MACHINES.some(({ name }) => name === machine)) {
    throw new UsageError(
      `machine ${machine} has no page tables: its steps contain the number of pages, but not which pages`,
    );
  }
  refusePmds(bounds);
  const about = [
    `The steps of a foliocheck trace, and the observable state that the model expects after each.`,
    `${trace.property}: ${trace.claim}`,
    `Machine ${machine}, kernel ${kernel}, ${config}.`,
  ];
  try {
    const world = new PackedWorld(liveModel(resolved.definition, bounds, resolved.kernel));
    return reproducer(world, calls, { bounds: sessionBounds(bounds), config: resolved.config, about }, sources);
  } catch (error) {
    throw error instanceof NotReproducible ? new UsageError(error.message) : error;
  }
}

/** @throws UsageError for bounds with PMDs */
export function refusePmds(bounds: Bounds): void {
  if ((bounds["pmd"] ?? 0) > 0) {
    throw new UsageError("PMDs map more pages on a running kernel than they do in the model: want pmd 0");
  }
}
