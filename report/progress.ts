/** One line about a search that is running. */
import type { Progress } from "../explore/search.ts";
import { formatBytes, formatCount, formatRate } from "./numbers.ts";

/** How far a search is: `depth 7 · 1,234,567 states · 12,345 to expand · 3.4 M transitions/s · 120 MB`. */
export function progressLine({ depth, states, frontier, transitions, seconds, tableBytes }: Progress): string {
  return [
    `depth ${depth}`,
    `${formatCount(states)} states`,
    `${formatCount(frontier)} to expand`,
    ...(seconds > 0 ? [formatRate(transitions / seconds, "transitions/s")] : []),
    formatBytes(tableBytes),
  ].join(" · ");
}
