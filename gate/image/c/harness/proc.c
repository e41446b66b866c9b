/* Reads /proc as user space does, without changing the state, and writes to it. */
#include "proc.h"
#include "contents.h"
#include <linux/pid.h>
#include <linux/sched/task.h>

static WORKSPACE struct {
	/* Number of frames that are read: those in use, and the first free one, which represents all later ones. */
	u64 frames;
	/* By frame. */
	u64 kpagecount[IMAGE_FRAMES];
	u64 kpageflags[IMAGE_FRAMES];
	struct proc_mm mms[IMAGE_MMS];
} proc;

static WORKSPACE unsigned char *user_start;
static WORKSPACE unsigned int user_bytes;

void user_buffer(void *buffer, unsigned int bytes)
{
	user_start = buffer;
	user_bytes = bytes;
}

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long length)
{
	unsigned long offset = (unsigned long)to;

	if (offset > user_bytes || length > user_bytes - offset)
		return length;
	memcpy(user_start + offset, from, length);
	return 0;
}

/* Returns the end of the run of entries that begins at a page: entries of one kind, for pages of one folio. */
static unsigned int end_of_run(struct mm_struct *mm, unsigned int page, unsigned int end)
{
	bool huge, next_is_huge;
	unsigned long entry = entry_at(mm, (unsigned long)page << PAGE_SHIFT, &huge), next;

	if (huge)
		return page + PTRS_PER_PTE;
	for (page++; page < end; page++) {
		next = entry_at(mm, (unsigned long)page << PAGE_SHIFT, &next_is_huge);
		if (next_is_huge || !entry_has_frame(next) || is_present_entry(next) != is_present_entry(entry) ||
		    page_folio(image_pages + (next >> PAGE_SHIFT)) != page_folio(image_pages + (entry >> PAGE_SHIFT)))
			break;
	}
	return page;
}

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long length)
{
	unsigned long offset = (unsigned long)from;

	if (offset > user_bytes || length > user_bytes - offset)
		return length;
	memcpy(to, user_start + offset, length);
	return 0;
}

/* A process reads its own files. */
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type) { return get_task_struct(current); }

/* The harness writes no surrounding spaces. */
char *strim(char *text) { return text; }

static void read_smaps(struct mm_struct *mm, unsigned int from, unsigned int to, struct proc_mm *out)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(iterator, mm, (unsigned long)from << PAGE_SHIFT);

	out->vmas = out->runs = 0;
	for_each_vma_range(iterator, vma, (unsigned long)to << PAGE_SHIFT)
	{
		struct proc_vma *whole = out->vma + out->vmas++, *run;
		unsigned int page;

		if (out->vmas > PROC_VMAS)
			image_fault("no-room-for-vmas");
		whole->start = vma->vm_start >> PAGE_SHIFT;
		whole->end = vma->vm_end >> PAGE_SHIFT;
		tree_read_smaps(vma, &whole->smaps);
		for (page = whole->start; page < whole->end;) {
			/* The zero page appears in none of the statistics. */
			if (frame_at(mm, (unsigned long)page << PAGE_SHIFT) < IMAGE_FIRST_FRAME) {
				page++;
				continue;
			}
			run = out->run + out->runs++;
			run->start = page;
			page = run->end = end_of_run(mm, page, whole->end);
			tree_read_smaps_of_range(vma, (unsigned long)run->start << PAGE_SHIFT,
						 (unsigned long)run->end << PAGE_SHIFT, &run->smaps);
		}
	}
}

/* @from and @to: range of pages that is read of each process */
EXPORT("read_proc") unsigned int image_read_proc(unsigned int from, unsigned int to)
{
	unsigned int frames = IMAGE_FIRST_FRAME, i;

	while (frames < IMAGE_FRAMES && image_frame_used[frames])
		frames++;
	proc.frames = frames = min(frames + 1, IMAGE_FRAMES);
	tree_read_kpagecount(frames, proc.kpagecount);
	tree_read_kpageflags(frames, proc.kpageflags);
	for (i = 0; i < IMAGE_MMS; i++) {
		struct mm_struct *mm = image_mms[i];

		if (!mm)
			continue;
		tree_read_pagemap(mm, from, to, proc.mms[i].pagemap);
		mmap_read_lock(mm);
		read_smaps(mm, from, to, proc.mms + i);
		mmap_read_unlock(mm);
	}
	require_rest();
	return (unsigned long)&proc;
}
