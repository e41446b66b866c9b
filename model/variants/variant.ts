/** Kernels that differ from their base by a patch. */
import type { KernelConfig } from "../config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import * as largeMapcountWithoutMmId from "../kernel/large-mapcount-without-mm-id.ts";
import { baseKernelNamed, DEFAULT_KERNEL } from "./base-kernels.ts";

/** Where a faulty kernel is caught: a run, the property that fails there, and the length of its shortest counterexample. */
export interface Catch {
  /** Id of the property: a claim's id, or one part of it as in `C5.slots`. */
  readonly property: string;
  readonly machine: string;
  readonly bounds: { readonly [name: string]: number };
  /** Configuration, in the words of `--config`. */
  readonly config: string;
  /** Steps of the shortest counterexample. */
  readonly steps: number;
}

/** A patch: functions that replace the base kernel's. */
export interface Variant {
  readonly name: string;
  /** Name of the kernel that it patches. */
  readonly base: string;
  /** What the patch does, in one sentence. */
  readonly summary: string;
  /** Whether a claim must fail. */
  readonly faulty: boolean;
  /** For a faulty kernel, where it is caught. */
  readonly caught?: Catch;
  readonly overrides: Partial<Kernel>;
}

/** What is said of a patch. Its base is v6.15 unless said otherwise. */
type Patch = Pick<Variant, "summary" | "overrides"> & Partial<Pick<Variant, "base">>;

/** A faulty kernel: a claim must fail. */
export function faulty(name: string, patch: Patch & { readonly caught: Catch }): Variant {
  return { name, base: DEFAULT_KERNEL, faulty: true, ...patch };
}

/** A kernel that goes about it in another way and is right: every claim must hold. */
export function faultFree(name: string, patch: Patch): Variant {
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
