/** Exact sizes of state spaces, which are the same on every host. */
import type { RunReport } from "../../verify/report/report.ts";

/** States, transitions and depth. */
export type Counts = readonly [states: number, transitions: number, depth: number];

export const countsOf = ({ states, transitions, depth }: RunReport): Counts => [states, transitions, depth];

/** Removes times and memory sizes, which differ between executions, from a report. */
export function timeless<R>(report: R): R {
  const volatile = ["seconds", "cpuSeconds", "executionSeconds", "peakMemoryBytes", "fromCache"];
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (volatile.includes(key) ? undefined : value))) as R;
}
