/** Variants: kernels that differ from their base by a patch. */
import type { KernelConfig } from "../kernel/config.ts";
import type { Kernel, KernelPatch } from "../kernel/kernel.ts";
import * as largeMapcountWithoutMmId from "../kernel/large-mapcount-without-mm-id.ts";
import { baseKernelNamed, DEFAULT_KERNEL } from "./base-kernels.ts";

/** Machine, bounds and configuration of an exploration. */
export interface Exploration {
  readonly machine: string;
  readonly bounds: { readonly [name: string]: number };
  /** Configuration, in the words of `--config`. */
  readonly config: string;
  /**
   * Fixed calls of machine race, in the syntax of `foliocheck race`: those of one CPU before, and those of the CPUs. If
   * absent, CPUs execute any calls.
   */
  readonly calls?: { readonly start: string; readonly cpus: string };
}

/** Exploration that catches a faulty kernel: the property that fails, and the length of its shortest counterexample. */
export interface Catch extends Exploration {
  /** Id of the property: the id of a claim, or a part of it such as `C5.slots`. */
  readonly property: string;
  /**
   * Number of steps of the shortest counterexample. Absent for a witness that the kernel never reaches, and for machine
   * race, whose counterexamples are not the shortest in accesses.
   */
  readonly steps?: number;
}

/** First and last affected release of Linux; the first may be unknown. */
export interface Versions {
  readonly first?: string;
  readonly last: string;
}

/** Kernel with functions that replace those of a base kernel. */
export interface Variant {
  readonly name: string;
  /** Name of the base kernel. */
  readonly base: string;
  /** Effect of the patch, in one sentence. */
  readonly summary: string;
  /** Affected releases, for a bug of Linux. */
  readonly versions?: Versions;
  /** Whether a claim must fail. */
  readonly faulty: boolean;
  /** Exploration that catches a faulty kernel. */
  readonly caught?: Catch;
  /** Explorations of further properties that no other kernel violates. */
  readonly alsoCaught?: readonly Catch[];
  /** Names of machines whose folios lack fields that the patch reads. */
  readonly notOn?: readonly string[];
  /** Explorations whose behaviour the patch changes, for a fault-free kernel. */
  readonly explored?: readonly Exploration[];
  readonly overrides: KernelPatch;
}

/** Arguments that define a patch. The base is the default kernel unless another one is named. */
type Patch = Pick<Variant, "summary" | "overrides"> & Partial<Pick<Variant, "base" | "versions" | "notOn">>;

/** Defines a faulty kernel: a claim must fail. */
export function faulty(name: string, patch: Patch & Pick<Variant, "alsoCaught"> & { readonly caught: Catch }): Variant {
  return { name, base: DEFAULT_KERNEL, faulty: true, ...patch };
}

/** Defines a fault-free variant, implemented differently: every claim must hold. */
export function faultFree(name: string, patch: Patch & Pick<Variant, "explored">): Variant {
  return { name, base: DEFAULT_KERNEL, faulty: false, ...patch };
}

/**
 * Builds the patched kernel in a configuration. A patch to the owner tracking functions does not replace those of a
 * kernel without CONFIG_MM_ID.
 *
 * @throws ConfigError if the base kernel does not support this configuration
 * @throws RangeError if there is no such base kernel
 */
export function patched(variant: Variant, config: KernelConfig): Kernel {
  const base = baseKernelNamed(variant.base);
  if (base === undefined) {
    throw new RangeError(`variant ${variant.name} patches ${variant.base}, which is no base kernel`);
  }
  return {
    ...base.build(config),
    ...variant.overrides,
    ...(config.mmId ? {} : largeMapcountWithoutMmId),
    name: variant.name,
  };
}
