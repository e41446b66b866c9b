/** MM ids. @source kernel/fork.c; series v3 12/20 */

import type { MmStruct } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Gives a new MM an id that no other MM has. An id allocator hands ids out; here each place for an MM has its own, so an
 * MM created where another one exited gets that one's freed id. Ids are names: which free one is taken does not matter.
 *
 * @source kernel/fork.c, mm_alloc_id(), called by mm_init()
 */
export function mmAllocId(this: Kernel, mm: MmStruct): void {
  mm.hasId = true;
}

/**
 * The last user of the MM is gone; its page tables go next. Ids are not touched yet.
 *
 * @source kernel/fork.c, __mmput(), up to exit_mmap()
 */
export function mmput(this: Kernel, _mm: MmStruct): void {}

/**
 * The last reference to the MM is gone, and its page tables with it: the id is free for another MM.
 *
 * @source kernel/fork.c, __mmdrop(), mm_free_id()
 */
export function mmdrop(this: Kernel, mm: MmStruct): void {
  mm.hasId = false;
  mm.hasPinned = false;
}
