/** Every kernel that can be asked for by name. */
import type { KernelConfig } from "../config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { BASE_KERNELS, baseKernelNamed } from "./base-kernels.ts";
import { largeMapcountVariants } from "./large-mapcount.ts";
import { rmapVariants } from "./rmap.ts";
import { totalMappedPagesVariants } from "./total-mapped-pages.ts";
import { patched, type Variant } from "./variant.ts";

export { BASE_KERNELS, type BaseKernel, DEFAULT_KERNEL } from "./base-kernels.ts";

/** Every variant of them. */
export const VARIANTS: readonly Variant[] = [...largeMapcountVariants, ...rmapVariants, ...totalMappedPagesVariants];

/** The names of all kernels, the default first. */
export const KERNEL_NAMES: readonly string[] = [...BASE_KERNELS, ...VARIANTS].map(({ name }) => name);

/**
 * The kernel with this name in a configuration; undefined when there is none.
 *
 * @throws ConfigError when the kernel does not have this configuration
 */
export function kernelNamed(name: string, config: KernelConfig): Kernel | undefined {
  const variant = variantNamed(name);
  return variant === undefined ? baseKernelNamed(name)?.build(config) : patched(variant, config);
}

/** The configuration that a kernel has where nothing else is asked for; undefined when there is no such kernel. */
export function defaultConfigOf(name: string): KernelConfig | undefined {
  return baseKernelNamed(variantNamed(name)?.base ?? name)?.defaultConfig;
}

function variantNamed(name: string): Variant | undefined {
  return VARIANTS.find((each) => each.name === name);
}
