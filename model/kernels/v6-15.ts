/**
 * Linux 6.15, the first release with the series. The functions in model/kernel/ are those of this version; later
 * versions are patches to it.
 *
 * @source series v3, 2025-03-03 (6220ea5583e9 … 749492229e3b)
 */

import * as atomic from "../kernel/atomic.ts";
import * as barriers from "../kernel/barriers.ts";
import type { KernelConfig } from "../kernel/config.ts";
import * as filemap from "../kernel/filemap.ts";
import * as fork from "../kernel/fork.ts";
import * as gup from "../kernel/gup.ts";
import * as hugeMemory from "../kernel/huge-memory.ts";
import * as internal from "../kernel/internal.ts";
import type { Kernel } from "../kernel/kernel.ts";
import * as khugepaged from "../kernel/khugepaged.ts";
import * as largeMapcount from "../kernel/large-mapcount.ts";
import * as largeMapcountWithoutMmId from "../kernel/large-mapcount-without-mm-id.ts";
import * as locks from "../kernel/locks.ts";
import * as memory from "../kernel/memory.ts";
import * as migrate from "../kernel/migrate.ts";
import * as mm from "../kernel/mm.ts";
import * as mremap from "../kernel/mremap.ts";
import * as pageAlloc from "../kernel/page-alloc.ts";
import * as proc from "../kernel/proc.ts";
import * as rmap from "../kernel/rmap.ts";
import * as rmapWalk from "../kernel/rmap-walk.ts";
import * as shmem from "../kernel/shmem.ts";
import * as swapfile from "../kernel/swapfile.ts";
import * as vmscan from "../kernel/vmscan.ts";

/** Builds the kernel `v6.15` in a configuration. */
export function v6_15(config: KernelConfig): Kernel {
  return {
    name: "v6.15",
    config,
    tracksTotalMappedPages: false,
    tracksEntireMapcount: true,
    tracksNrPagesMapped: config.pageMapcount,
    requeuesOnMigration: false,
    splitChecksPrivate: true,
    averageTakesPageType: true,
    ...atomic,
    ...locks,
    ...barriers,
    ...largeMapcount,
    ...(config.mmId ? {} : largeMapcountWithoutMmId),
    ...rmap,
    ...rmapWalk,
    ...mm,
    ...internal,
    ...memory,
    ...filemap,
    ...mremap,
    ...hugeMemory,
    ...khugepaged,
    ...migrate,
    ...gup,
    ...shmem,
    ...swapfile,
    ...vmscan,
    ...pageAlloc,
    ...fork,
    ...proc,
  };
}
