/** Catalogue of the machines, claims, variants and profiles that commands accept. */

import { onOneLine } from "../files/one-line.ts";
import { CLAIMS, type ClaimText, claimOf } from "../invariants/catalogue.ts";
import { MACHINES } from "../machines/index.ts";
import type { BoundDefinition } from "../machines/machine.ts";
import { BASE_KERNELS, DEFAULT_KERNEL, VARIANTS } from "../model/kernels/index.ts";
import type { Versions } from "../model/kernels/variant.ts";
import { PROFILES } from "./profiles.ts";
import { UsageError } from "./request/usage-error.ts";

/** A kernel in the catalogue. */
export interface VariantEntry {
  readonly name: string;
  readonly base: string;
  readonly summary: string;
  readonly faulty: boolean;
  /** Releases of Linux with this code; absent for variants that no release contains, and for base kernels. */
  readonly versions?: Versions;
  /** Id of the claim that a faulty kernel violates; null for a correct kernel. */
  readonly caughtBy: string | null;
}

/** Machines, claims, variants and profiles by name. */
export interface Catalogue {
  readonly kernel: string;
  readonly machines: readonly { name: string; summary: string; bounds: readonly BoundDefinition[] }[];
  readonly claims: readonly ClaimText[];
  readonly variants: readonly VariantEntry[];
  readonly profiles: readonly { name: string; summary: string; runs: number }[];
}

/**
 * Returns the entries of a name: that of a machine, claim, variant or profile.
 *
 * @throws UsageError when nothing has that name
 */
export function entriesNamed({ kernel, ...all }: Catalogue, name: string): Catalogue {
  const named = {
    kernel,
    machines: all.machines.filter((each) => each.name === name),
    claims: all.claims.filter(({ id }) => id === name),
    variants: all.variants.filter((each) => each.name === name),
    profiles: all.profiles.filter((each) => each.name === name),
  };
  if (named.machines.length + named.claims.length + named.variants.length + named.profiles.length === 0) {
    throw new UsageError(`nothing is named "${onOneLine(name)}"; foliocheck list prints all names`);
  }
  return named;
}

/** Returns the catalogue. */
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
