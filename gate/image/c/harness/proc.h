/* Values of /proc, from the tree's own fs/proc. Must match gate/image/world/proc-layout.ts. */
#ifndef _IMAGE_PROC_H
#define _IMAGE_PROC_H

#include "harness.h"
#include "regions.h"

/* Values of /proc/PID/smaps in bytes. The proportional set size has PROC_PSS_SHIFT fractional bits. */
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
	/* Statistics for the pages of a run: entries of one kind in one VMA, for pages of one folio. */
	int runs;
	struct proc_vma run[PROC_RUNS];
};

/* Exported by the translation units that include files of the tree. Each reads a file as a process does. */
void tree_read_pagemap(struct mm_struct *mm, unsigned int from, unsigned int to, u64 *entries);
void tree_read_smaps(struct vm_area_struct *vma, struct proc_smaps *smaps);
void tree_read_smaps_of_range(struct vm_area_struct *vma, unsigned long from, unsigned long to,
			      struct proc_smaps *smaps);
void tree_read_kpagecount(unsigned int frames, u64 *counts);
void tree_read_kpageflags(unsigned int frames, u64 *flags);

/* Clears the soft-dirty bits of the current process. @returns whether the kernel accepts the write */
bool tree_clear_soft_dirty(void);

/* Sets the memory that user addresses from 0 on refer to. */
void user_buffer(void *buffer, unsigned int bytes);

#endif
