/* Pages. Addresses count pages of 4 KiB, which the headers require, but a frame has only FRAME_BYTES of memory. */
#ifndef _IMAGE_ASM_PAGE_H
#define _IMAGE_ASM_PAGE_H

#include <linux/const.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* 8 pages. A page table of 8 entries of 8 bytes fits into a frame. */
#define HPAGE_SHIFT 15
#define HPAGE_SIZE (_AC(1, UL) << HPAGE_SHIFT)

#define FRAME_SHIFT 7
#define FRAME_BYTES (1 << FRAME_SHIFT)
#define IMAGE_FRAMES 64

#ifndef __ASSEMBLY__

typedef struct {
	unsigned long pte;
} pte_t;
typedef struct {
	unsigned long pmd;
} pmd_t;
typedef struct {
	unsigned long pgd;
} pgd_t;
typedef struct {
	unsigned long pgprot;
} pgprot_t;
struct page;
typedef struct page *pgtable_t;

#define pte_val(x) ((x).pte)
#define pmd_val(x) ((x).pmd)
#define pgd_val(x) ((x).pgd)
#define pgprot_val(x) ((x).pgprot)
#define __pte(x) ((pte_t){ (x) })
#define __pmd(x) ((pmd_t){ (x) })
#define __pgd(x) ((pgd_t){ (x) })
#define __pgprot(x) ((pgprot_t){ (x) })

extern unsigned char image_frames[IMAGE_FRAMES][FRAME_BYTES];

#define frame_of(address) (((unsigned long)(address) - (unsigned long)image_frames) >> FRAME_SHIFT)
#define offset_in_frame(address) (((unsigned long)(address) - (unsigned long)image_frames) & (FRAME_BYTES - 1))

#define PAGE_OFFSET ((unsigned long)image_frames)
#define __pa(address) ((frame_of(address) << PAGE_SHIFT) | offset_in_frame(address))
#define __va(physical) \
	((void *)(image_frames[(unsigned long)(physical) >> PAGE_SHIFT] + \
		  ((unsigned long)(physical) & (FRAME_BYTES - 1))))

#define virt_to_pfn(address) frame_of(address)
#define virt_to_page(address) pfn_to_page(frame_of(address))
#define page_to_virt(page) ((void *)image_frames[page_to_pfn(page)])
#define virt_addr_valid(address) (frame_of(address) < IMAGE_FRAMES)

#define clear_page(address) __builtin_memset((address), 0, FRAME_BYTES)
#define copy_page(to, from) __builtin_memcpy((to), (from), FRAME_BYTES)
#define clear_user_page(address, user, page) clear_page(address)
#define copy_user_page(to, from, user, page) copy_page(to, from)

#endif

#include <asm-generic/memory_model.h>
#include <asm-generic/getorder.h>

#endif
