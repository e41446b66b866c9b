/* Includes the tree's fork.c, and exports its functions that copy an MM, and the ids of MMs. */
#include <kernel/fork.c>
#include "harness.h"

struct mm_struct *tree_dup_mm(struct task_struct *task, struct mm_struct *mm) { return dup_mm(task, mm); }

#ifdef CONFIG_MM_ID
void **tree_allocated_ids(void) { return &mm_ida.xa.xa_head; }
#endif

void boot_fork(void)
{
	mm_cache_init();
	vma_state_init();
}
