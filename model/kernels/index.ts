/** All kernels that can be selected by name. */
import type { KernelConfig } from "../kernel/config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { BASE_KERNELS, baseKernelNamed } from "./base-kernels.ts";
import { filemapVariants } from "./faulty/filemap.ts";
import { forkVariants } from "./faulty/fork.ts";
import { gupVariants } from "./faulty/gup.ts";
import { hugeMemoryVariants } from "./faulty/huge-memory.ts";
import { internalVariants } from "./faulty/internal.ts";
import { khugepagedVariants } from "./faulty/khugepaged.ts";
import { largeMapcountVariants } from "./faulty/large-mapcount.ts";
import { memoryVariants } from "./faulty/memory.ts";
import { migrateVariants } from "./faulty/migrate.ts";
import { mmVariants } from "./faulty/mm.ts";
import { mremapVariants } from "./faulty/mremap.ts";
import { pageAllocVariants } from "./faulty/page-alloc.ts";
import { procVariants } from "./faulty/proc.ts";
import { RACES } from "./faulty/races/index.ts";
import { rmapVariants } from "./faulty/rmap.ts";
import { rmapWalkVariants } from "./faulty/rmap-walk.ts";
import { shmemVariants } from "./faulty/shmem.ts";
import { swapfileVariants } from "./faulty/swapfile.ts";
import { totalMappedPagesVariants } from "./faulty/total-mapped-pages.ts";
import { vmscanVariants } from "./faulty/vmscan.ts";
import { patched, type Variant } from "./variant.ts";

export { BASE_KERNELS, type BaseKernel, DEFAULT_KERNEL } from "./base-kernels.ts";

/** All variants, in the order of kernel source files. */
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

/** Names of all kernels, the default first. */
export const KERNEL_NAMES: readonly string[] = [...BASE_KERNELS, ...VARIANTS].map(({ name }) => name);

/**
 * Returns the kernel with this name in a configuration; undefined if there is none.
 *
 * @throws ConfigError if the kernel does not support this configuration
 */
export function kernelNamed(name: string, config: KernelConfig): Kernel | undefined {
  const variant = variantNamed(name);
  return variant === undefined ? baseKernelNamed(name)?.build(config) : patched(variant, config);
}

/** Returns the default configuration of a kernel; undefined if there is no such kernel. */
export function defaultConfigOf(name: string): KernelConfig | undefined {
  return baseKernelNamed(variantNamed(name)?.base ?? name)?.defaultConfig;
}

function variantNamed(name: string): Variant | undefined {
  return VARIANTS.find((each) => each.name === name);
}
