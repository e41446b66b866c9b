/* No TLB: stale translations are not modelled. */
#ifndef _IMAGE_ASM_TLBFLUSH_H
#define _IMAGE_ASM_TLBFLUSH_H

#define flush_tlb_all() \
	do { \
	} while (0)
#define flush_tlb_mm(mm) \
	do { \
	} while (0)
#define flush_tlb_page(vma, address) \
	do { \
	} while (0)
#define flush_tlb_range(vma, start, end) \
	do { \
	} while (0)
#define flush_pmd_tlb_range(vma, start, end) \
	do { \
	} while (0)
#define flush_tlb_kernel_range(start, end) \
	do { \
	} while (0)
#define local_flush_tlb_all() \
	do { \
	} while (0)

#endif
