/** What a search says of the size of a state space: exact, and the same on every machine. */
import type { RunReport } from "../../verify/report/report.ts";

/** States, transitions and depth. */
export type Counts = readonly [states: number, transitions: number, depth: number];

export const countsOf = ({ states, transitions, depth }: RunReport): Counts => [states, transitions, depth];

/** The report without what differs from one execution to the next. */
export function timeless<R>(report: R): R {
  const volatile = ["seconds", "cpuSeconds", "peakMemoryBytes"];
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (volatile.includes(key) ? undefined : value))) as R;
}
