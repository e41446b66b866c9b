/** Kernel options of a configuration of the gate, as predefined macros of the preprocessor. */
import type { GateConfiguration } from "./configuration.ts";

/**
 * Options of every configuration: an MMU, swap, assertions, and the number of pages of a folio in its second struct
 * page (by CONFIG_SLAB_OBJ_EXT, as with CONFIG_MEMCG). Everything else is off: hugetlb, KSM, memcgs, device memory,
 * NUMA, hardware poison. No folio under test is of these kinds.
 */
const ALWAYS = [
  "CONFIG_MMU",
  "CONFIG_SWAP",
  "CONFIG_DEBUG_VM",
  "CONFIG_DEBUG_VM_PGFLAGS",
  "CONFIG_SLAB_OBJ_EXT",
  "CONFIG_HAVE_GUP_FAST",
  "CONFIG_FLATMEM",
] as const;

/** Macros that are predefined for the preprocessor. */
export interface KernelOptions {
  /** Options of Kconfig that are on, by name. */
  readonly options: ReadonlySet<string>;
  /** Other macros that conditions use, with their values; the stubs define them for the compiler. */
  readonly numbers: ReadonlyMap<string, string>;
}

/** Returns the options of a configuration. */
export function optionsOf({ pageMapcount, is64Bit, mmId }: GateConfiguration): KernelOptions {
  return {
    options: new Set([
      ...ALWAYS,
      pageMapcount ? "CONFIG_PAGE_MAPCOUNT" : "CONFIG_NO_PAGE_MAPCOUNT",
      ...(is64Bit ? ["CONFIG_64BIT"] : []),
      ...(mmId ? ["CONFIG_MM_ID", "CONFIG_TRANSPARENT_HUGEPAGE"] : []),
    ]),
    numbers: new Map([
      ["__KERNEL__", "1"],
      ["BITS_PER_LONG", is64Bit ? "64" : "32"],
      ["MAX_NR_ZONES", "3"],
      ["NR_PAGEFLAGS", "23"],
      ["PAGE_SHIFT", "12"],
      ["PAGE_SIZE", "4096"],
    ]),
  };
}

/** Returns options with some switched on and off. */
export function changedOptions(
  { options, numbers }: KernelOptions,
  on: readonly string[],
  off: readonly string[],
): KernelOptions {
  return { options: new Set([...options, ...on].filter((option) => !off.includes(option))), numbers };
}
