/** Kernel options of the mm image, which its generated/autoconf.h defines. */
import type { GateConfiguration } from "../../tree/configuration.ts";

/** Values by option name without `CONFIG_`, in the form of the macro: `1` for `y`. */
export type KernelOptions = ReadonlyMap<string, string>;

/** Options of every configuration. */
const ALWAYS = words(`
  MMU SMP FLATMEM MULTIUSER THREAD_INFO_IN_TASK BUG GENERIC_HWEIGHT ARCH_HAS_SYSCALL_WRAPPER UNINLINE_SPIN_UNLOCK
  SPLIT_PTE_PTLOCKS ARCH_HAS_PTE_SPECIAL ARCH_SUPPORTS_PER_VMA_LOCK PER_VMA_LOCK HAVE_MOVE_PMD HAVE_FAST_GUP HAVE_GUP_FAST
  MMU_GATHER_TABLE_FREE MMU_GATHER_RCU_TABLE_FREE
  HAVE_ARCH_SOFT_DIRTY MEM_SOFT_DIRTY USERFAULTFD
  SWAP SHMEM TMPFS MIGRATION COMPACTION ADVISE_SYSCALLS INTERVAL_TREE VM_EVENT_COUNTERS PROC_FS PROC_PAGE_MONITOR SYSFS
  TINY_RCU TINY_SRCU PREEMPT_RCU PREEMPT_COUNT
  DEBUG_VM DEBUG_LIST LIST_HARDENED DEBUG_ATOMIC_SLEEP
`);

/**
 * Options of 64-bit configurations. MADV_DONTNEED frees empty page tables with PT_RECLAIM, which Linux 6.18 has for
 * x86-64 only.
 */
const WIDE = words("64BIT PHYS_ADDR_T_64BIT ARCH_DMA_ADDR_T_64BIT PT_RECLAIM");

/** Options that TRANSPARENT_HUGEPAGE selects, or that depend on it. No other option selects MM_ID. */
const HUGE_PAGES = words(`
  HAVE_ARCH_TRANSPARENT_HUGEPAGE TRANSPARENT_HUGEPAGE TRANSPARENT_HUGEPAGE_ALWAYS MM_ID XARRAY_MULTI
  PGTABLE_HAS_HUGE_LEAVES ARCH_ENABLE_THP_MIGRATION ARCH_WANTS_THP_SWAP ARCH_WANT_PMD_MKWRITE
  ARCH_ENABLE_SPLIT_PMD_PTLOCK SPLIT_PMD_PTLOCKS ARCH_SUPPORTS_HUGE_PFNMAP ARCH_SUPPORTS_PMD_PFNMAP
`);

const VALUES: Readonly<Record<string, string | number>> = {
  NR_CPUS: 3,
  HZ: 100,
  PAGE_SHIFT: 12,
  PGTABLE_LEVELS: 3,
  NODES_SHIFT: 0,
  SPLIT_PTLOCK_CPUS: 1,
  // A page table maps 8 pages, hence a block of order 3 has the size of a PMD.
  PAGE_BLOCK_ORDER: 3,
  PAGE_BLOCK_MAX_ORDER: 4,
  ARCH_FORCE_MAX_ORDER: 4,
  PCP_BATCH_SCALE_MAX: 0,
  DEFAULT_MMAP_MIN_ADDR: 4096,
  LSM_MMAP_MIN_ADDR: 4096,
  RCU_FANOUT: 2,
  BASE_FULL_STRUCT_SIZE: 0,
  FUNCTION_ALIGNMENT: 4,
  LOG_BUF_SHIFT: 12,
  PANIC_TIMEOUT: 0,
  CONSOLE_LOGLEVEL_DEFAULT: 7,
  MESSAGE_LOGLEVEL_DEFAULT: 4,
  DEFAULT_HOSTNAME: '"image"',
};

/** Returns the options of a configuration. Without mm-id there are no transparent huge pages. */
export function kernelOptions({ pageMapcount, is64Bit, mmId }: GateConfiguration): KernelOptions {
  const set = [
    ...ALWAYS,
    ...(mmId ? HUGE_PAGES : []),
    ...(is64Bit ? WIDE : []),
    ...(is64Bit && mmId ? ["THP_SWAP"] : []),
    pageMapcount ? "PAGE_MAPCOUNT" : "NO_PAGE_MAPCOUNT",
  ];
  return new Map([
    ...set.map((name) => [name, "1"] as const),
    ...Object.entries(VALUES).map(([name, value]) => [name, String(value)] as const),
  ]);
}

/** Returns the text of autoconf.h for options. */
export function autoconfHeader(options: KernelOptions): string {
  return [...options].map(([name, value]) => `#define CONFIG_${name} ${value}\n`).join("");
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
