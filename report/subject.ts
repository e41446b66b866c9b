/** What was explored, in words. */
import type { Subject } from "../verify/report.ts";

/**
 * Bounds as text: `pages 4, mms 2`.
 *
 * @param space what stands between a name and its value
 */
export function formatBounds(bounds: Subject["bounds"], space: string = " "): string {
  return Object.entries(bounds)
    .map(([name, value]) => `${name}${space}${value}`)
    .join(", ");
}

/** A run's name in one line: machine, bounds, configuration, kernel. */
export function formatSubject({ machine, bounds, config, kernel }: Subject): string {
  return [machine, formatBounds(bounds), config, kernel].filter((each) => each !== "").join(" · ");
}
