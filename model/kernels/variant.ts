/** Kernels that differ from their base by a patch. */
import type { KernelConfig } from "../kernel/config.ts";
import type { Kernel, KernelPatch } from "../kernel/kernel.ts";
import * as largeMapcountWithoutMmId from "../kernel/large-mapcount-without-mm-id.ts";
import { baseKernelNamed, DEFAULT_KERNEL } from "./base-kernels.ts";

/** What a kernel is explored in. */
export interface Exploration {
  readonly machine: string;
  readonly bounds: { readonly [name: string]: number };
  /** Configuration, in the words of `--config`. */
  readonly config: string;
  /** Of machine race: what its CPUs execute, and one before them, as `foliocheck race` takes it; anything when absent. */
  readonly calls?: { readonly start: string; readonly cpus: string };
}

/** Where a faulty kernel is caught: the property that fails there, and the length of its shortest counterexample. */
export interface Catch extends Exploration {
  /** Id of the property: a claim's id, or one part of it as in `C5.slots`. */
  readonly property: string;
  /**
   * Steps of the shortest counterexample; absent for a witness, which the kernel never shows, and for machine race, whose
   * counterexamples are not the shortest in single accesses.
   */
  readonly steps?: number;
}

/** Releases of Linux, from the first to the last; of the first it may not be known. */
export interface Versions {
  readonly first?: string;
  readonly last: string;
}

/** A patch: functions that replace the base kernel's. */
export interface Variant {
  readonly name: string;
  /** Name of the kernel that it patches. */
  readonly base: string;
  /** What the patch does, in one sentence. */
  readonly summary: string;
  /** For a bug that Linux really had: the releases that have it. */
  readonly versions?: Versions;
  /** Whether a claim must fail. */
  readonly faulty: boolean;
  /** For a faulty kernel, where it is caught. */
  readonly caught?: Catch;
  /** Where other properties catch it that no other kernel breaks. */
  readonly alsoCaught?: readonly Catch[];
  /** Names of machines whose folios lack what it reads. */
  readonly notOn?: readonly string[];
  /** For a kernel that is right, where that shows: explorations that the patch changes. */
  readonly explored?: readonly Exploration[];
  readonly overrides: KernelPatch;
}

/** The properties of a patch. Its base is the default kernel unless it names another one. */
type Patch = Pick<Variant, "summary" | "overrides"> & Partial<Pick<Variant, "base" | "versions" | "notOn">>;

/** A faulty kernel: a claim must fail. */
export function faulty(name: string, patch: Patch & Pick<Variant, "alsoCaught"> & { readonly caught: Catch }): Variant {
  return { name, base: DEFAULT_KERNEL, faulty: true, ...patch };
}

/** A kernel that goes about it in another way and is right: every claim must hold. */
export function faultFree(name: string, patch: Patch & Pick<Variant, "explored">): Variant {
  return { name, base: DEFAULT_KERNEL, faulty: false, ...patch };
}

/**
 * The patched kernel in a configuration. A patch to the owner tracking functions does not touch those that a kernel
 * without CONFIG_MM_ID has in their place.
 *
 * @throws ConfigError when the base kernel does not have this configuration
 * @throws RangeError when there is no such base kernel
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
