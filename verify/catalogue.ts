/** What there is to ask for: machines, claims, variants and profiles. */

import { CLAIMS, type ClaimText, claimOf } from "../invariants/catalogue.ts";
import { MACHINES } from "../machines/index.ts";
import type { BoundDefinition } from "../machines/machine.ts";
import { BASE_KERNELS, DEFAULT_KERNEL, VARIANTS } from "../model/kernels/index.ts";
import type { Versions } from "../model/kernels/variant.ts";
import { PROFILES } from "./profiles.ts";

/** A kernel in the catalogue. */
export interface VariantEntry {
  readonly name: string;
  readonly base: string;
  readonly summary: string;
  readonly faulty: boolean;
  /** The releases of Linux that are like this; absent for what no release has, and for base kernels. */
  readonly versions?: Versions;
  /** The claim that catches a faulty kernel; null for a kernel that is right. */
  readonly caughtBy: string | null;
}

/** Everything that can be asked for by name. */
export interface Catalogue {
  readonly kernel: string;
  readonly machines: readonly { name: string; summary: string; bounds: readonly BoundDefinition[] }[];
  readonly claims: readonly ClaimText[];
  readonly variants: readonly VariantEntry[];
  readonly profiles: readonly { name: string; summary: string; runs: number }[];
}

/** The catalogue. */
export function catalogue(): Catalogue {
  return {
    kernel: DEFAULT_KERNEL,
    machines: MACHINES.map(({ name, summary, bounds }) => ({ name, summary, bounds })),
    claims: CLAIMS,
    variants: [
      ...BASE_KERNELS.filter(({ name }) => name !== DEFAULT_KERNEL).map(({ name, summary }) => ({
        name,
        base: DEFAULT_KERNEL,
        summary,
        faulty: false,
        caughtBy: null,
      })),
      ...VARIANTS.map(({ name, base, summary, faulty, versions, caught }) => ({
        name,
        base,
        summary,
        faulty,
        ...(versions === undefined ? {} : { versions }),
        caughtBy: caught === undefined ? null : claimOf(caught.property),
      })),
    ],
    profiles: PROFILES.map(({ name, summary, runs }) => ({ name, summary, runs: runs.length })),
  };
}
