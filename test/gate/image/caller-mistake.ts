/** A mistake in a caller of the owner tracking functions, and whether the gate finds it. */
import type { Bounds } from "../../../machines/machine.ts";

/** The mistake is found: by a group of operations of the gate, in a profile, as a violation of a property. */
export interface Found {
  readonly kind: "found";
  /** Bounds of the group, as in gate/run/image-plan.ts. */
  readonly group: Bounds;
  readonly by: string;
  /** The first profile that finds the mistake; by default quick. */
  readonly profile?: "ci" | "deep";
}

/** The mistake survives: no group of profile quick finds it. */
export interface Survives {
  readonly kind: "survives";
  readonly because: string;
}

/** A mistake: a change to the first match in a function. */
export interface CallerMistake {
  readonly file: string;
  readonly in: string;
  /** Description of the mistake in a few words. */
  readonly what: string;
  readonly change: readonly [pattern: RegExp, replacement: string];
  readonly outcome: Found | Survives;
}

export const found = (group: Bounds, by: string, profile?: "ci" | "deep"): Found => ({
  kind: "found",
  group,
  by,
  ...(profile === undefined ? {} : { profile }),
});

export const survives = (because: string): Survives => ({ kind: "survives", because });
