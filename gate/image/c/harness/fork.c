/* The tree's fork, with a way to its function that copies an MM. */
#include <kernel/fork.c>
#include "harness.h"

struct mm_struct *tree_dup_mm(struct task_struct *task, struct mm_struct *mm)
{
	return dup_mm(task, mm);
}

void boot_fork(void)
{
	mm_cache_init();
	vma_state_init();
}
