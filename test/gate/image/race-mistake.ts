/** A mistake in a caller that only another CPU shows, and whether a search finds it. */
import type { Bounds } from "../../../machines/machine.ts";
import type { TextChange } from "./mistake-patch.ts";

/** The mistake is found with some bounds, as a violation of a property. */
interface Found {
  readonly kind: "found";
  readonly group: Bounds;
  /** The violated property, with the report of kernel or harness. */
  readonly by: string;
}

/** The mistake survives. */
interface Survives {
  readonly kind: "survives";
  /** Bounds that do not show it, and have the operations whose race matters. */
  readonly group: Bounds;
  readonly because: string;
}

/** A mistake, and whether it is found. */
export interface RaceMistake extends TextChange {
  /** Description of the mistake in a few words. */
  readonly what: string;
  /** Words of the configuration that has the code; absent for the usual one. */
  readonly config?: string;
  readonly outcome: Found | Survives;
}

export const found = (group: Bounds, by: string): Found => ({ kind: "found", group, by });
export const survives = (group: Bounds, because: string): Survives => ({ kind: "survives", group, because });

/** Lets another CPU in, and takes the lock again. */
export const dropped = (lock: string): string => `spin_unlock(${lock}); spin_lock(${lock});`;
