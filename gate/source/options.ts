/** Kernel options of a configuration of the gate, as what `#if` can ask for. */
import type { GateConfiguration } from "../compiled-kernel.ts";

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

/** What is defined for a configuration, by name. */
export function optionsOf({ pageMapcount, is64Bit, mmId }: GateConfiguration): Map<string, string> {
  const options = [
    ...ALWAYS,
    pageMapcount ? "CONFIG_PAGE_MAPCOUNT" : "CONFIG_NO_PAGE_MAPCOUNT",
    ...(is64Bit ? ["CONFIG_64BIT"] : []),
    ...(mmId ? ["CONFIG_MM_ID", "CONFIG_TRANSPARENT_HUGEPAGE"] : []),
  ];
  return new Map(options.map((option) => [option, "1"]));
}

/** What conditions can ask for besides, and the unit defines in its own way. */
export function numbersOf({ is64Bit }: GateConfiguration): Map<string, string> {
  return new Map([
    ["__KERNEL__", "1"],
    ["BITS_PER_LONG", is64Bit ? "64" : "32"],
    ["MAX_NR_ZONES", "3"],
    ["NR_PAGEFLAGS", "23"],
    ["PAGE_SHIFT", "12"],
    ["PAGE_SIZE", "4096"],
  ]);
}
