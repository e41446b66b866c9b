/** Kernel options of a configuration of the gate, as what `#if` can ask for. */
import type { GateConfiguration } from "./configuration.ts";

/**
 * Options that every configuration has: an MMU, swap, assertions, and the number of pages of a folio kept in its second
 * struct page (CONFIG_SLAB_OBJ_EXT does that, as CONFIG_MEMCG does). Everything else is off: hugetlb, KSM, memcgs, devices' memory, NUMA,
 * hardware poison. No folio under test is of that kind.
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

/** What the preprocessor knows of a kernel from the start. */
export interface KernelOptions {
  /** Options of Kconfig that are on, by name. */
  readonly options: ReadonlySet<string>;
  /** What conditions can ask for besides, with its value: the unit defines it in its own way. */
  readonly numbers: ReadonlyMap<string, string>;
}

/** The options of a configuration. */
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

/** Options with others switched on and off. */
export function changedOptions(
  { options, numbers }: KernelOptions,
  on: readonly string[],
  off: readonly string[],
): KernelOptions {
  return { options: new Set([...options, ...on].filter((option) => !off.includes(option))), numbers };
}
