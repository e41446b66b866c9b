/* Permissions of VMAs by page, for the model in lockstep, which has page tables only. */
#include "harness.h"
#include "regions.h"

/* Must match gate/image/world/world-layout.ts. */
enum {
	VMA_PRESENT = 1,
	VMA_WRITE = 2,
	VMA_DONTFORK = 4,
};

static WORKSPACE int vmas[IMAGE_MMS][IMAGE_PAGES];

EXPORT("read_vmas") unsigned int image_read_vmas(void)
{
	unsigned int i;

	memset(vmas, 0, sizeof(vmas));
	for (i = 0; i < IMAGE_MMS; i++) {
		struct vm_area_struct *vma;
		VMA_ITERATOR(iterator, image_mms[i], 0);

		if (!image_mms[i])
			continue;
		for_each_vma(iterator, vma)
		{
			unsigned long page;

			for (page = vma->vm_start >> PAGE_SHIFT; page < vma->vm_end >> PAGE_SHIFT; page++)
				vmas[i][page] = VMA_PRESENT | (vma->vm_flags & VM_WRITE ? VMA_WRITE : 0) |
						(vma->vm_flags & VM_DONTCOPY ? VMA_DONTFORK : 0);
		}
	}
	return (unsigned long)&vmas;
}
