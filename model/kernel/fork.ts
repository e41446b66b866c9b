/** MM ids. @source kernel/fork.c; series v3 12/20 */

import type { MmStruct } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Assigns an id to a new MM. The kernel uses an id allocator; in the model the id is fixed by the position of the MM,
 * so an MM created where another one exited gets the freed id. Ids are only compared for equality: the choice among
 * free ids does not matter.
 *
 * @source kernel/fork.c, mm_alloc_id(), called by mm_init()
 */
export function mmAllocId(this: Kernel, mm: MmStruct): void {
  mm.hasId = true;
}

/**
 * Runs when the last user of the MM is gone, before its page tables are freed. The id is still allocated.
 *
 * @source kernel/fork.c, __mmput(), up to exit_mmap()
 */
export function mmput(this: Kernel, _mm: MmStruct): void {}

/**
 * Runs when the last reference to the MM is gone, after its page tables were freed: frees the id.
 *
 * @source kernel/fork.c, __mmdrop(), mm_free_id()
 */
export function mmdrop(this: Kernel, mm: MmStruct): void {
  mm.hasId = false;
  mm.hasPinned = false;
}
