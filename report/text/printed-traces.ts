/** Traces that a report has printed: one with the same steps is not printed a second time. */
import type { TraceReport } from "../../verify/report/report.ts";

/** Key of an execution, without the property that it decides: equal for the same steps of the same subject. */
export function executionOf({
  machine,
  kernel,
  against,
  config,
  bounds,
  optimisation,
  initial,
  steps,
}: TraceReport): string {
  return JSON.stringify([
    machine,
    kernel,
    against,
    config,
    bounds,
    optimisation,
    initial,
    steps.map(({ call }) => call),
  ]);
}

/** Remembers whose counterexample printed which execution. */
export class PrintedTraces {
  private readonly owners = new Map<string, string>();

  /** The property whose trace with the same steps is there already; undefined for the first, which is to be printed. */
  ownerOf(trace: TraceReport): string | undefined {
    const execution = executionOf(trace);
    const owner = this.owners.get(execution);
    if (owner === undefined) {
      this.owners.set(execution, trace.property);
    }
    return owner;
  }
}
