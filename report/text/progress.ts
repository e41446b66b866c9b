/** Progress lines of searches, walks and builds. */
import type { Progress } from "../../explore/search/search.ts";
import type { BuildProgress } from "../../gate/image/image-builder.ts";
import { gateConfig } from "../../gate/unit/configurations.ts";
import type { WalkProgress } from "../../live/walk/walk-result.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import { formatBytes, formatCount, formatRate, formatScaled, plural } from "./numbers.ts";

/**
 * Formats a search's progress: `depth 7 · 1,234,567 states · at least 12,345 to expand · 3.4 M transitions/s · 120 MB`.
 */
export function progressLine(progress: Progress): string {
  const { depth, states, frontier, transitions, seconds, tableBytes, walks, estimatedStates } = progress;
  return [
    ...(walks === undefined ? [] : [plural(walks, "walk")]),
    `depth ${depth}`,
    plural(states, "state"),
    ...(walks === undefined ? [`at least ${formatCount(frontier)} to expand`] : []),
    ...(estimatedStates === undefined ? [] : [`about ${formatScaled(estimatedStates).trimEnd()} in all (estimate)`]),
    ...(seconds > 0 ? [formatRate(transitions / seconds, "transitions/s")] : []),
    formatBytes(tableBytes),
  ].join(" · ");
}

/** Number of states beyond which a search takes minutes. */
const MANY_STATES = 2e7;

/** Returns a hint for a search that is estimated to take long; undefined for others. */
export function sizeHint({ estimatedStates = 0 }: Progress): string | undefined {
  return estimatedStates < MANY_STATES
    ? undefined
    : `hint: about ${formatScaled(estimatedStates).trimEnd()} states in all, by a rough estimate. Bounds multiply: each MM, folio, small ` +
        "folio, swap slot and holder, and each folio size that a fault can choose (fewer with --min-pages), makes it several " +
        "times more. Interrupt to see the results so far; check --simulate N takes random walks instead";
}

/** Formats the progress of a walk on a running kernel: `12,345 steps · 1 repeated · 4,321 of 5,000 transitions`. */
export function liveProgressLine({ steps, retries, covered, reachable }: WalkProgress): string {
  return [
    plural(steps, "step"),
    ...(retries > 0 ? [`${formatCount(retries)} repeated`] : []),
    ...(reachable === undefined ? [] : [`${formatCount(covered ?? 0)} of ${plural(reachable, "transition")}`]),
  ].join(" · ");
}

/**
 * Formats the progress of the build of an mm image: `mm image page-mapcount,64bit,mm-id · 12 of 57 files, 3 from the
 * cache`; undefined after the build.
 */
export function buildLine(progress: BuildProgress | undefined): string | undefined {
  if (progress === undefined) {
    return undefined;
  }
  const { configuration, total, compiled, cached } = progress;
  const files = compiled + cached === total ? "linking" : `${compiled + cached} of ${plural(total, "file")}`;
  return `mm image ${formatConfig(gateConfig(configuration))} · ${files}${cached === 0 ? "" : `, ${cached} from the cache`}`;
}
