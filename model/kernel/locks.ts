/**
 * Locks that the modelled functions take themselves; page table locks are taken by their callers. In sequential
 * execution a lock that is taken and released within one operation is always free, so only the folio lock has a state
 * here: migration holds it between operations. A kernel whose functions run concurrently overrides these functions.
 * Taking a lock has acquire semantics, releasing it release semantics.
 */

import type { Folio, KernelState, TrackedFolio } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Takes the bit spinlock in `_mm_ids`, under which the large mapcount and the owner slots change.
 *
 * @source include/linux/rmap.h, folio_lock_large_mapcount()
 */
export function folioLockLargeMapcount(this: Kernel, folio: TrackedFolio): void {
  this.bitSpinLock(folio, "acquire");
}

/** Releases the bit spinlock in `_mm_ids`. @source include/linux/rmap.h, folio_unlock_large_mapcount() */
export function folioUnlockLargeMapcount(this: Kernel, folio: TrackedFolio): void {
  this.bitSpinUnlock(folio, "release");
}

/** Takes a bit spinlock: a bit of `_mm_ids`. @source include/linux/bit_spinlock.h, bit_spin_lock() */
export function bitSpinLock(this: Kernel, _folio: TrackedFolio, _order: "acquire" | "relaxed"): void {}

/** Releases a bit spinlock. @source include/linux/bit_spinlock.h, __bit_spin_unlock() */
export function bitSpinUnlock(this: Kernel, _folio: TrackedFolio, _order: "release" | "relaxed"): void {}

/**
 * Takes the lock of the deferred split queue that the folio belongs to.
 *
 * @source mm/huge_memory.c, `split_queue_lock`; 7.1: folio_split_queue_lock_irqsave()
 */
export function splitQueueLock(this: Kernel, _folio: Folio): void {}

/**
 * Releases the lock of the deferred split queue.
 *
 * @source mm/huge_memory.c, `split_queue_lock`; 7.1: split_queue_unlock_irqrestore()
 */
export function splitQueueUnlock(this: Kernel, _folio: Folio): void {}

/**
 * Takes the lock of a cluster of swap slots, under which their counts and the swap cache change.
 *
 * @source mm/swapfile.c, lock_cluster(); since 6.18: mm/swap.h, swap_cluster_lock()
 */
export function swapClusterLock(this: Kernel, _state: KernelState): void {}

/**
 * Releases the lock of a cluster of swap slots.
 *
 * @source mm/swapfile.c, unlock_cluster(); since 6.18: mm/swap.h, swap_cluster_unlock()
 */
export function swapClusterUnlock(this: Kernel, _state: KernelState): void {}

/**
 * Takes the folio lock if it is free. The caller releases it before the operation ends.
 *
 * @returns whether it was free
 * @source include/linux/pagemap.h, folio_trylock()
 */
export function folioTrylock(this: Kernel, folio: Folio): boolean {
  return !folio.locked;
}

/**
 * Takes the folio lock, which may stay held when the operation ends. The lock must be free.
 *
 * @source include/linux/pagemap.h, folio_lock()
 */
export function folioLock(this: Kernel, folio: Folio): void {
  folio.locked = true;
}

/** Releases the folio lock taken by folioTrylock() or folioLock(). @source mm/filemap.c, folio_unlock() */
export function folioUnlock(this: Kernel, folio: Folio): void {
  if (folio.locked) {
    folio.locked = false;
  }
}
