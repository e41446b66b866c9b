#ifndef _IMAGE_ASM_PGALLOC_H
#define _IMAGE_ASM_PGALLOC_H

/* The tree's definitions require frames of PAGE_SIZE bytes. */
#define __HAVE_ARCH_PGD_FREE
#define __HAVE_ARCH_PMD_FREE
#include <asm-generic/pgalloc.h>

static inline void pgd_free(struct mm_struct *mm, pgd_t *pgd) { pagetable_dtor_free(virt_to_ptdesc(pgd)); }
static inline void pmd_free(struct mm_struct *mm, pmd_t *pmd) { pagetable_dtor_free(virt_to_ptdesc(pmd)); }

#define pmd_populate_kernel(mm, pmd, pte) set_pmd((pmd), __pmd(__pa(pte) | _PAGE_PRESENT))
#define pmd_populate(mm, pmd, pte) set_pmd((pmd), __pmd((page_to_pfn(pte) << PAGE_SHIFT) | _PAGE_PRESENT))
#define pud_populate(mm, pud, pmd) set_pud((pud), __pud(__pa(pmd) | _PAGE_PRESENT))

static inline pgd_t *pgd_alloc(struct mm_struct *mm) { return __pgd_alloc(mm, 0); }

#define __pte_free_tlb(tlb, pte, address) tlb_remove_ptdesc((tlb), page_ptdesc(pte))
#define __pmd_free_tlb(tlb, pmd, address) tlb_remove_ptdesc((tlb), virt_to_ptdesc(pmd))

#endif
