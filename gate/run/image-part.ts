/** Results of the runs on mm images, as JSON values. */
import type { Finding } from "./findings.ts";
import type { ImageBaseResult } from "./image-base.ts";
import type { GateOutcome } from "./outcome.ts";

/** Results of the image of one configuration. */
export interface ImagePart {
  readonly config: string;
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Absent without a base. */
  readonly base?: ImageBaseResult;
}

/** Results of all runs of images. */
export interface ImageResults {
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Results of the base, for each configuration with a base. */
  readonly base: readonly ImageBaseResult[];
}

/** Returns the results of parts. */
export function imageResults(parts: readonly ImagePart[]): ImageResults {
  return {
    outcomes: parts.flatMap(({ outcomes }) => outcomes),
    findings: parts.flatMap(({ findings }) => findings),
    base: parts.flatMap(({ base }) => base ?? []),
  };
}
