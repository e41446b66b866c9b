/** The report that the blobs of all shards make. */
import { isDeepStrictEqual } from "node:util";
import { type GatePart, mergedGate, reportOfPart } from "../gate/run/gate-part.ts";
import type { BaselineEntry, Report } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { type Blob, provenanceOfAll } from "../verify/shard/blob.ts";
import { type SuitePartResult, suiteOfParts } from "../verify/shard/suite-part.ts";

/** Content of a gate's blob. */
export interface GateBlobContent {
  readonly part: GatePart;
  readonly baseline: readonly BaselineEntry[];
}

/**
 * Returns the report of all shards.
 *
 * @param blobs those of one run, not empty, in the order of the shards
 * @throws UsageError if the shards of a gate had different baselines
 */
export function mergedReport(blobs: readonly Blob[]): Report {
  const [first] = blobs as [Blob];
  // The shards may have run at the same time.
  const seconds = Math.max(...blobs.map((each) => each.seconds));
  return {
    ...reportOf(first, blobs, seconds),
    peakMemoryBytes: Math.max(...blobs.map((each) => each.peakMemoryBytes)),
    provenance: provenanceOfAll(first),
  };
}

function reportOf({ command }: Blob, blobs: readonly Blob[], seconds: number): Report {
  switch (command) {
    case "verify":
      return suiteOfParts(
        blobs.map(({ content }) => content as SuitePartResult),
        seconds,
      );
    case "gate":
      return gateOf(
        blobs.map(({ content }) => content as GateBlobContent),
        seconds,
      );
  }
}

function gateOf(contents: readonly GateBlobContent[], seconds: number): Report {
  const [{ baseline }] = contents as [GateBlobContent];
  const other = contents.findIndex((each) => !isDeepStrictEqual(each.baseline, baseline));
  if (other > 0) {
    throw new UsageError(`these blobs are not of one run: shards 1 and ${other + 1} have different baselines`);
  }
  return reportOfPart(mergedGate(contents.map(({ part }) => part)), baseline, seconds);
}
