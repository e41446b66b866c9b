/*
 * Stubs for fs/userfaultfd.c. All VMAs are registered with one userfaultfd, which has the events of fork and mremap, in
 * mode UFFDIO_REGISTER_MODE_WP, and no page is write-protected: faults are handled as without it.
 */
#include "harness.h"
#include "userfaultfd.h"
#include <linux/userfaultfd_k.h>

static struct userfaultfd_ctx context;

EXPORT("register_userfaultfd") void image_register_userfaultfd(void)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(iterator, image_mms[0], 0);

	init_rwsem(&context.map_changing_lock);
	for_each_vma(iterator, vma) vma->vm_userfaultfd_ctx.ctx = &context;
}

ssize_t move_registered(struct mm_struct *mm, unsigned long to, unsigned long from, unsigned long length)
{
	ssize_t moved;

	/* Read once, at the start: another CPU may move pages of another process at the same time. */
	context.mm = mm;
	moved = move_pages(&context, to, from, length, UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES);
	context.mm = NULL;
	return moved;
}

int dup_userfaultfd(struct vm_area_struct *vma, struct list_head *contexts) { return 0; }
void dup_userfaultfd_complete(struct list_head *contexts) {}
void dup_userfaultfd_fail(struct list_head *contexts) {}
void mremap_userfaultfd_prep(struct vm_area_struct *vma, struct vm_userfaultfd_ctx *moved) {}
void mremap_userfaultfd_complete(struct vm_userfaultfd_ctx *moved, unsigned long from, unsigned long to,
				 unsigned long length)
{
}
void mremap_userfaultfd_fail(struct vm_userfaultfd_ctx *moved) {}
bool userfaultfd_remove(struct vm_area_struct *vma, unsigned long start, unsigned long end) { return true; }
int userfaultfd_unmap_prep(struct vm_area_struct *vma, unsigned long start, unsigned long end, struct list_head *list)
{
	return 0;
}
void userfaultfd_unmap_complete(struct mm_struct *mm, struct list_head *list) {}
bool userfaultfd_wp_unpopulated(struct vm_area_struct *vma) { return false; }
bool userfaultfd_wp_async(struct vm_area_struct *vma) { return false; }
