/** Record of the traces that a report contains, so that the same steps are printed once. */
import type { TraceReport } from "../../verify/report/report.ts";

/**
 * Returns the key of an execution, which is equal for the same steps of the same subject and independent of the
 * property.
 */
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

/** Printed executions, with the property whose trace was printed. */
export class PrintedTraces {
  private readonly properties = new Map<string, string>();

  /** Returns the property whose printed trace has the same steps; undefined for the first trace, which it records. */
  propertyWithSameSteps(trace: TraceReport): string | undefined {
    const execution = executionOf(trace);
    const property = this.properties.get(execution);
    if (property === undefined) {
      this.properties.set(execution, trace.property);
    }
    return property;
  }
}
