/* Operations: what processes do at the level of system calls and faults, and what the kernel does of its own accord. */
#include "harness.h"
#include <linux/mman.h>

enum result {
	DISABLED,
	DONE,
	/* The operation was refused, with an error. */
	REFUSED,
};

extern int image_locks_held[IMAGE_CPUS];
extern int image_interrupts_off[IMAGE_CPUS];

long sys_munmap(unsigned long address, size_t length);
long sys_mprotect(unsigned long start, size_t length, unsigned long protection);
long sys_mremap(unsigned long from, unsigned long old_length, unsigned long new_length, unsigned long flags, unsigned long to);

static struct mm_struct *begin(unsigned int number)
{
	struct mm_struct *mm = image_mms[number];

	current->mm = current->active_mm = mm;
	return mm;
}

static enum result end(long error)
{
	current->mm = current->active_mm = NULL;
	drain_batches();
	end_grace_period();
	if (image_locks_held[image_cpu])
		image_fault("a lock is left taken");
	if (image_interrupts_off[image_cpu])
		image_fault("interrupts are left off");
	if (current->thread_info.preempt_count)
		image_fault("preemption is left off");
	return error ? REFUSED : DONE;
}

#define ADDRESS(page) ((unsigned long)(page) << PAGE_SHIFT)

/*
 * A read or write of a page.
 *
 * @order of the folio if a new one is needed
 */
EXPORT("fault") int image_fault_at(unsigned int number, unsigned int page, unsigned int write, unsigned int order)
{
	struct mm_struct *mm = begin(number);
	struct vm_area_struct *vma;
	vm_fault_t result;

	if (!mm)
		return DISABLED;
	mmap_read_lock(mm);
	vma = vma_lookup(mm, ADDRESS(page));
	if (!vma || !(vma->vm_flags & (write ? VM_WRITE : VM_READ))) {
		mmap_read_unlock(mm);
		end(0);
		return DISABLED;
	}
	huge_anon_orders_always = order ? BIT(order) : 0;
	result = handle_mm_fault(vma, ADDRESS(page), FAULT_FLAG_DEFAULT | FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0), NULL);
	huge_anon_orders_always = 0;
	if (!(result & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		mmap_read_unlock(mm);
	return end(result & VM_FAULT_ERROR);
}

EXPORT("fork") int image_fork(unsigned int number)
{
	struct mm_struct *mm = begin(number), *child;
	unsigned int i;

	for (i = 0; i < IMAGE_MMS && image_mms[i]; i++)
		;
	if (!mm || i == IMAGE_MMS)
		return DISABLED;
	child = tree_dup_mm(current, mm);
	image_mms[i] = child;
	return end(!child);
}

EXPORT("exit") int image_exit(unsigned int number)
{
	struct mm_struct *mm = begin(number);

	if (!mm)
		return DISABLED;
	current->mm = NULL;
	current->active_mm = &init_mm;
	image_mms[number] = NULL;
	mmput(mm);
	return end(0);
}

EXPORT("munmap") int image_munmap(unsigned int number, unsigned int page, unsigned int pages)
{
	struct mm_struct *mm = begin(number);

	if (!mm)
		return DISABLED;
	return end(sys_munmap(ADDRESS(page), ADDRESS(pages)));
}

EXPORT("madvise") int image_madvise(unsigned int number, unsigned int page, unsigned int pages, unsigned int advice)
{
	struct mm_struct *mm = begin(number);

	if (!mm)
		return DISABLED;
	return end(do_madvise(mm, ADDRESS(page), ADDRESS(pages), advice));
}

EXPORT("mprotect") int image_mprotect(unsigned int number, unsigned int page, unsigned int pages, unsigned int protection)
{
	struct mm_struct *mm = begin(number);

	if (!mm)
		return DISABLED;
	return end(sys_mprotect(ADDRESS(page), ADDRESS(pages), protection));
}

EXPORT("mremap") int image_mremap(unsigned int number, unsigned int page, unsigned int pages, unsigned int to)
{
	struct mm_struct *mm = begin(number);
	long result;

	if (!mm)
		return DISABLED;
	result = sys_mremap(ADDRESS(page), ADDRESS(pages), ADDRESS(pages), MREMAP_MAYMOVE | MREMAP_FIXED, ADDRESS(to));
	return end(IS_ERR_VALUE(result));
}

EXPORT("shrink") int image_shrink(void)
{
	return tree_deferred_split_scan() == SHRINK_STOP ? DISABLED : end(0);
}
