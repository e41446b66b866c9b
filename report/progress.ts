/** One line about a search, or a walk, that is under way. */
import type { Progress } from "../explore/search.ts";
import type { WalkProgress } from "../live/walk-result.ts";
import { formatBytes, formatCount, formatRate, plural } from "./numbers.ts";

/** How far a search is: `depth 7 · 1,234,567 states · 12,345 to expand · 3.4 M transitions/s · 120 MB`. */
export function progressLine({ depth, states, frontier, transitions, seconds, tableBytes }: Progress): string {
  return [
    `depth ${depth}`,
    plural(states, "state"),
    `${formatCount(frontier)} to expand`,
    ...(seconds > 0 ? [formatRate(transitions / seconds, "transitions/s")] : []),
    formatBytes(tableBytes),
  ].join(" · ");
}

/** How far a walk on a running kernel is: `12,345 steps · 1 taken again · 4,321 of 5,000 pairs`. */
export function liveProgressLine({ steps, retries, covered, reachable }: WalkProgress): string {
  return [
    plural(steps, "step"),
    ...(retries > 0 ? [`${formatCount(retries)} taken again`] : []),
    ...(reachable === undefined ? [] : [`${formatCount(covered ?? 0)} of ${plural(reachable, "pair")}`]),
  ].join(" · ");
}
