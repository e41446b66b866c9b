/** Every kernel that can be asked for by name. */
import type { KernelConfig } from "../config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { BASE_KERNELS, baseKernelNamed } from "../kernels/base-kernels.ts";
import { filemapVariants } from "./filemap.ts";
import { forkVariants } from "./fork.ts";
import { gupVariants } from "./gup.ts";
import { hugeMemoryVariants } from "./huge-memory.ts";
import { internalVariants } from "./internal.ts";
import { khugepagedVariants } from "./khugepaged.ts";
import { largeMapcountVariants } from "./large-mapcount.ts";
import { memoryVariants } from "./memory.ts";
import { migrateVariants } from "./migrate.ts";
import { mmVariants } from "./mm.ts";
import { mremapVariants } from "./mremap.ts";
import { pageAllocVariants } from "./page-alloc.ts";
import { procVariants } from "./proc.ts";
import { RACES } from "./races/index.ts";
import { rmapVariants } from "./rmap.ts";
import { rmapWalkVariants } from "./rmap-walk.ts";
import { shmemVariants } from "./shmem.ts";
import { swapfileVariants } from "./swapfile.ts";
import { totalMappedPagesVariants } from "./total-mapped-pages.ts";
import { patched, type Variant } from "./variant.ts";
import { vmscanVariants } from "./vmscan.ts";

export { BASE_KERNELS, type BaseKernel, DEFAULT_KERNEL } from "../kernels/base-kernels.ts";

/** Every variant of them, by kernel source file. */
export const VARIANTS: readonly Variant[] = [
  ...largeMapcountVariants,
  ...rmapVariants,
  ...rmapWalkVariants,
  ...mmVariants,
  ...internalVariants,
  ...memoryVariants,
  ...filemapVariants,
  ...mremapVariants,
  ...hugeMemoryVariants,
  ...khugepagedVariants,
  ...migrateVariants,
  ...gupVariants,
  ...shmemVariants,
  ...swapfileVariants,
  ...vmscanVariants,
  ...pageAllocVariants,
  ...forkVariants,
  ...procVariants,
  ...totalMappedPagesVariants,
  ...RACES,
];

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
