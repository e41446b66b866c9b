/* Includes the tree's /proc/PID/pagemap, smaps and clear_refs, and exports functions that use them. */
#include <fs/proc/task_mmu.c>
#include "proc.h"

static void read_entries(struct file *file, unsigned int from, unsigned int to, u64 *entries)
{
	loff_t position = from * PM_ENTRY_BYTES;
	ssize_t bytes = (to - from) * PM_ENTRY_BYTES;

	user_buffer(entries + from, bytes);
	if (pagemap_read(file, NULL, bytes, &position) != bytes)
		image_fault("pagemap-unreadable");
}

/* Reads two parts: the second begins in the middle of a page table. */
void tree_read_pagemap(struct mm_struct *mm, unsigned int from, unsigned int to, u64 *entries)
{
	static WORKSPACE struct file file;
	unsigned int amid = from + PTRS_PER_PTE / 2 + 1;

	file.private_data = mm;
	read_entries(&file, from, amid, entries);
	read_entries(&file, amid, to, entries);
}

bool tree_clear_soft_dirty(void)
{
	static WORKSPACE struct proc_inode inode;
	static WORKSPACE struct file file;
	char type[] = "4";
	loff_t position = 0;

	file.f_inode = &inode.vfs_inode;
	user_buffer(type, 1);
	return clear_refs_write(&file, NULL, 1, &position) == 1;
}

static void report(const struct mem_size_stats *stats, struct proc_smaps *smaps)
{
	*smaps = (struct proc_smaps){
		.rss = stats->resident,
		.pss = stats->pss >> (PSS_SHIFT - PROC_PSS_SHIFT),
		.private = stats->private_clean + stats->private_dirty,
		.shared = stats->shared_clean + stats->shared_dirty,
		.dirty = stats->private_dirty + stats->shared_dirty,
		.anonymous = stats->anonymous,
		.anonymous_huge = stats->anonymous_thp,
	};
}

void tree_read_smaps(struct vm_area_struct *vma, struct proc_smaps *smaps)
{
	struct mem_size_stats stats = {};

	smap_gather_stats(vma, &stats, 0);
	report(&stats, smaps);
}

void tree_read_smaps_of_range(struct vm_area_struct *vma, unsigned long from, unsigned long to,
			      struct proc_smaps *smaps)
{
	struct mem_size_stats stats = {};

	walk_page_range(vma->vm_mm, from, to, &smaps_walk_ops, &stats);
	report(&stats, smaps);
}
