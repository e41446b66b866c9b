/**
 * The kernel under test. The environment reaches it through this interface only, so a patch, a bug, a mutant and a later
 * release are all just another Kernel. Functions call each other through `this`: an override takes effect everywhere.
 */

import type { ThreadContext } from "../race/thread-kernel.ts";
import type * as atomic from "./atomic.ts";
import type * as barriers from "./barriers.ts";
import type { KernelConfig } from "./config.ts";
import type * as filemap from "./filemap.ts";
import type * as fork from "./fork.ts";
import type * as gup from "./gup.ts";
import type * as hugeMemory from "./huge-memory.ts";
import type * as internal from "./internal.ts";
import type * as khugepaged from "./khugepaged.ts";
import type * as largeMapcount from "./large-mapcount.ts";
import type * as locks from "./locks.ts";
import type * as memory from "./memory.ts";
import type * as migrate from "./migrate.ts";
import type * as mm from "./mm.ts";
import type * as mremap from "./mremap.ts";
import type * as pageAlloc from "./page-alloc.ts";
import type * as proc from "./proc.ts";
import type * as rmap from "./rmap.ts";
import type * as rmapWalk from "./rmap-walk.ts";
import type * as shmem from "./shmem.ts";
import type * as swapfile from "./swapfile.ts";
import type * as vmscan from "./vmscan.ts";

/** The modelled functions, by kernel source file. */
type KernelFunctions = typeof atomic &
  typeof locks &
  typeof barriers &
  typeof largeMapcount &
  typeof rmap &
  typeof rmapWalk &
  typeof mm &
  typeof internal &
  typeof memory &
  typeof filemap &
  typeof mremap &
  typeof hugeMemory &
  typeof khugepaged &
  typeof migrate &
  typeof gup &
  typeof shmem &
  typeof swapfile &
  typeof vmscan &
  typeof pageAlloc &
  typeof fork &
  typeof proc;

/** A kernel: a name, a configuration, and every modelled function. */
export interface Kernel extends KernelFunctions {
  readonly name: string;
  readonly config: KernelConfig;
  /** Whether it keeps `_total_mapped_pages` instead of `_entire_mapcount` and `_nr_pages_mapped`. */
  readonly tracksTotalMappedPages: boolean;
  /** Whether it keeps `_entire_mapcount`. */
  readonly tracksEntireMapcount: boolean;
  /** Whether it keeps `_nr_pages_mapped`, which takes CONFIG_PAGE_MAPCOUNT. */
  readonly tracksNrPagesMapped: boolean;
  /** Whether the average mapcount of a page that has a type is known to be that type. */
  readonly averageTakesPageType: boolean;
  /** Whether migration queues the new folio for deferred split when the old one was queued. */
  readonly requeuesOnMigration: boolean;
  /** Whether a folio split warns of tail pages whose private is not 0. */
  readonly splitChecksPrivate: boolean;
  /** Functions that have other code where they run as threads, such as the C code of a tree; absent where they are the same. */
  readonly forThreads?: (this: Kernel, context: ThreadContext) => Partial<Kernel>;
}
