/* What user space reads of /proc, by the tree's own fs/proc. As gate/image/world/proc-layout.ts has it. */
#ifndef _IMAGE_PROC_H
#define _IMAGE_PROC_H

#include "harness.h"
#include "regions.h"

/* /proc/PID/smaps: bytes, but for the proportional set size, of which PROC_PSS_SHIFT bits are fractions of bytes. */
struct proc_smaps {
	int rss;
	int pss;
	int private;
	int shared;
	int dirty;
	int anonymous;
	int anonymous_huge;
};
#define PROC_PSS_SHIFT 12

#define PROC_VMAS 24

/* A VMA, or a part of one. */
struct proc_vma {
	/* Pages. */
	int start;
	int end;
	struct proc_smaps smaps;
};

#define PROC_RUNS IMAGE_PAGES

struct proc_mm {
	/* /proc/PID/pagemap. */
	u64 pagemap[IMAGE_PAGES];
	int vmas;
	struct proc_vma vma[PROC_VMAS];
	/* What smaps counts for the pages of a run alone: entries of one kind in one VMA, for pages of one folio. */
	int runs;
	struct proc_vma run[PROC_RUNS];
};

/* By unit of the tree that the harness includes. Each reads what a process reads from a file. */
void tree_read_pagemap(struct mm_struct *mm, unsigned int from, unsigned int to, u64 *entries);
void tree_read_smaps(struct vm_area_struct *vma, struct proc_smaps *smaps);
void tree_read_smaps_of_range(struct vm_area_struct *vma, unsigned long from, unsigned long to, struct proc_smaps *smaps);
void tree_read_kpagecount(unsigned int frames, u64 *counts);
void tree_read_kpageflags(unsigned int frames, u64 *flags);

/* Clears the soft-dirty bits of the current process. @returns whether the kernel takes it */
bool tree_clear_soft_dirty(void);

/* User space for reads and writes: addresses from 0 are in `buffer`. */
void user_buffer(void *buffer, unsigned int bytes);

#endif
