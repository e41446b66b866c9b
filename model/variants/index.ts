/** Every kernel that can be asked for by name. */
import type { KernelConfig } from "../config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { v6_15 } from "../kernel/v6-15.ts";
import { largeMapcountVariants } from "./large-mapcount.ts";
import { rmapVariants } from "./rmap.ts";
import { patched, type Variant } from "./variant.ts";

/** The kernel that is checked unless another one is asked for. */
export const DEFAULT_KERNEL = "v6.15";

/** Every variant of it. */
export const VARIANTS: readonly Variant[] = [...largeMapcountVariants, ...rmapVariants];

/** The kernel with this name in a configuration; undefined when there is none. */
export function kernelNamed(name: string, config: KernelConfig): Kernel | undefined {
  if (name === DEFAULT_KERNEL) {
    return v6_15(config);
  }
  const variant = VARIANTS.find((each) => each.name === name);
  return variant === undefined ? undefined : patched(variant, config);
}
