/*
 * Page tables of three levels, with 4, 4 and 8 entries. A PMD maps 8 pages, so that large anonymous folios have orders
 * 2 and 3.
 *
 * An entry is one word: flags in the lower 12 bits, a frame number or a swap offset above. A swap entry has its type in
 * bits 1 to 5.
 */
#ifndef _IMAGE_ASM_PGTABLE_H
#define _IMAGE_ASM_PGTABLE_H

#include <asm-generic/pgtable-nopud.h>

#define PMD_SHIFT 15
#define PMD_SIZE (_AC(1, UL) << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define PGDIR_SHIFT 17
#define PGDIR_SIZE (_AC(1, UL) << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))
#define PTRS_PER_PTE 8
#define PTRS_PER_PMD 4
#define PTRS_PER_PGD 4
#define USER_PTRS_PER_PGD PTRS_PER_PGD
#define VMALLOC_START (_AC(1, UL) << 30)
#define VMALLOC_END (VMALLOC_START + PMD_SIZE)

#define _PAGE_PRESENT (1UL << 0)
#define _PAGE_WRITE (1UL << 1)
#define _PAGE_DIRTY (1UL << 3)
#define _PAGE_YOUNG (1UL << 4)
#define _PAGE_SPECIAL (1UL << 5)
#define _PAGE_SOFT_DIRTY (1UL << 6)
#define _PAGE_UFFD_WP (1UL << 7)
#define _PAGE_PROTNONE (1UL << 8)
#define _PAGE_HUGE (1UL << 9)
#define _PAGE_SWP_EXCLUSIVE (1UL << 10)
/* A huge PMD whose present bit pmd_mkinvalid() cleared. */
#define _PAGE_INVALID (1UL << 11)
#define _PAGE_FRAME PAGE_MASK
#define _PAGE_CHG_MASK \
	(_PAGE_FRAME | _PAGE_DIRTY | _PAGE_YOUNG | _PAGE_SPECIAL | _PAGE_SOFT_DIRTY | _PAGE_UFFD_WP | _PAGE_HUGE)

#define PAGE_NONE __pgprot(_PAGE_PROTNONE | _PAGE_YOUNG)
#define PAGE_READONLY __pgprot(_PAGE_PRESENT | _PAGE_YOUNG)
#define PAGE_SHARED __pgprot(_PAGE_PRESENT | _PAGE_YOUNG | _PAGE_WRITE)
#define PAGE_COPY PAGE_READONLY
#define PAGE_KERNEL PAGE_SHARED

#ifndef __ASSEMBLY__

struct mm_struct;
struct vm_area_struct;
extern pgd_t swapper_pg_dir[PTRS_PER_PGD];

#define ZERO_PAGE(address) pfn_to_page(IMAGE_ZERO_FRAME)
#define IMAGE_ZERO_FRAME 1

#define DEFINE_BIT(level, name, bit) \
	static inline int level##_##name(level##_t entry) { return !!(level##_val(entry) & (bit)); }
#define DEFINE_SET(level, name, bit) \
	static inline level##_t level##_##name(level##_t entry) \
	{ \
		level##_val(entry) |= (bit); \
		return entry; \
	}
#define DEFINE_CLEAR(level, name, bit) \
	static inline level##_t level##_##name(level##_t entry) \
	{ \
		level##_val(entry) &= ~(bit); \
		return entry; \
	}

/* Accessors common to PTEs and huge PMDs. */
#define DEFINE_LEVEL(level) \
	DEFINE_BIT(level, write, _PAGE_WRITE) \
	DEFINE_BIT(level, dirty, _PAGE_DIRTY) \
	DEFINE_BIT(level, young, _PAGE_YOUNG) \
	DEFINE_BIT(level, soft_dirty, _PAGE_SOFT_DIRTY) \
	DEFINE_SET(level, mkwrite_novma, _PAGE_WRITE) \
	DEFINE_CLEAR(level, wrprotect, _PAGE_WRITE) \
	DEFINE_SET(level, mkdirty, _PAGE_DIRTY | _PAGE_SOFT_DIRTY) \
	DEFINE_CLEAR(level, mkclean, _PAGE_DIRTY) \
	DEFINE_SET(level, mkyoung, _PAGE_YOUNG) \
	DEFINE_CLEAR(level, mkold, _PAGE_YOUNG) \
	DEFINE_SET(level, mksoft_dirty, _PAGE_SOFT_DIRTY) \
	DEFINE_CLEAR(level, clear_soft_dirty, _PAGE_SOFT_DIRTY) \
	static inline level##_t level##_modify(level##_t entry, pgprot_t prot) \
	{ \
		return __##level((level##_val(entry) & _PAGE_CHG_MASK) | (pgprot_val(prot) & ~_PAGE_CHG_MASK)); \
	}

DEFINE_LEVEL(pte)
DEFINE_LEVEL(pmd)

/* Accessors of swap entries. A huge PMD is one only during a migration. */
#define DEFINE_SWAP_LEVEL(level) \
	DEFINE_SET(level, swp_mksoft_dirty, _PAGE_SOFT_DIRTY) \
	DEFINE_BIT(level, swp_soft_dirty, _PAGE_SOFT_DIRTY) \
	DEFINE_CLEAR(level, swp_clear_soft_dirty, _PAGE_SOFT_DIRTY)

DEFINE_SWAP_LEVEL(pte)
#ifdef CONFIG_ARCH_ENABLE_THP_MIGRATION
DEFINE_SWAP_LEVEL(pmd)
#endif

DEFINE_BIT(pte, special, _PAGE_SPECIAL)
DEFINE_SET(pte, mkspecial, _PAGE_SPECIAL)
#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
DEFINE_BIT(pmd, special, _PAGE_SPECIAL)
DEFINE_SET(pmd, mkspecial, _PAGE_SPECIAL)
#endif
#define pte_special pte_special
#define pmd_write pmd_write
#define pmd_special pmd_special
#define pmd_mkwrite_novma pmd_mkwrite_novma
#define pmd_modify pmd_modify
#define pmd_young pmd_young
#define pmd_dirty pmd_dirty

static inline int pte_none(pte_t pte) { return !pte_val(pte); }
static inline int pte_present(pte_t pte) { return !!(pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)); }
static inline unsigned long pte_pfn(pte_t pte) { return pte_val(pte) >> PAGE_SHIFT; }
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot) { return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot)); }
static inline int pte_same(pte_t a, pte_t b) { return pte_val(a) == pte_val(b); }
#define __HAVE_ARCH_PTE_SAME
#define pte_page(pte) pfn_to_page(pte_pfn(pte))
#define pte_pgprot(pte) __pgprot(pte_val(pte) & ~_PAGE_FRAME)
#define pte_accessible(mm, pte) pte_present(pte)

static inline int pmd_none(pmd_t pmd) { return !pmd_val(pmd); }
static inline int pmd_present(pmd_t pmd) { return !!(pmd_val(pmd) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_INVALID)); }
static inline int pmd_leaf(pmd_t pmd) { return !!(pmd_val(pmd) & _PAGE_HUGE); }
#define pmd_leaf pmd_leaf
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static inline int pmd_trans_huge(pmd_t pmd) { return !!(pmd_val(pmd) & _PAGE_HUGE); }
#endif
static inline int pmd_bad(pmd_t pmd) { return (pmd_val(pmd) & ~_PAGE_FRAME) != _PAGE_PRESENT; }
static inline unsigned long pmd_pfn(pmd_t pmd) { return pmd_val(pmd) >> PAGE_SHIFT; }
#define pmd_pfn pmd_pfn
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot) { return __pmd((pfn << PAGE_SHIFT) | pgprot_val(prot)); }
static inline pmd_t pmd_mkhuge(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_HUGE); }
static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd((pmd_val(pmd) & ~(_PAGE_PRESENT | _PAGE_PROTNONE)) | _PAGE_INVALID);
}
#define pmd_mkinvalid pmd_mkinvalid
/* Whether the processor may access the page: not by an invalid PMD, which GUP-fast must not follow. */
static inline bool pmd_access_permitted(pmd_t pmd, bool write)
{
	return (pmd_val(pmd) & _PAGE_PRESENT) && (!write || pmd_write(pmd));
}
#define pmd_access_permitted pmd_access_permitted
#define pmdp_establish generic_pmdp_establish
static inline int pmd_same(pmd_t a, pmd_t b) { return pmd_val(a) == pmd_val(b); }
#define __HAVE_ARCH_PMD_SAME
#define pmd_page(pmd) pfn_to_page(pmd_pfn(pmd))
#define pmd_pgprot(pmd) __pgprot(pmd_val(pmd) & ~_PAGE_FRAME)
static inline unsigned long pmd_page_vaddr(pmd_t pmd) { return (unsigned long)image_frames[pmd_pfn(pmd)]; }
#define has_transparent_hugepage() 1

static inline int pud_none(pud_t pud) { return !pud_val(pud); }
static inline int pud_bad(pud_t pud) { return (pud_val(pud) & ~_PAGE_FRAME) != _PAGE_PRESENT; }
static inline int pud_present(pud_t pud) { return !!(pud_val(pud) & _PAGE_PRESENT); }
static inline void set_pud(pud_t *to, pud_t pud) { WRITE_ONCE(pud_val(*to), pud_val(pud)); }
static inline void pud_clear(pud_t *pud) { set_pud(pud, __pud(0)); }
static inline unsigned long pud_pfn(pud_t pud) { return pud_val(pud) >> PAGE_SHIFT; }
#define pud_pfn pud_pfn
#define pud_page(pud) pfn_to_page(pud_pfn(pud))
static inline pmd_t *pud_pgtable(pud_t pud) { return (pmd_t *)image_frames[pud_pfn(pud)]; }
#define pud_write(pud) 0

void image_beyond_table(void);

void image_free_table(void);
extern unsigned char image_frame_used[IMAGE_FRAMES];

/* A frame is larger than a page table: an entry in its remainder is out of bounds. */
static inline void require_in_table(const pte_t *entry)
{
	if (frame_of(entry) >= IMAGE_FRAMES)
		return;
	if (unlikely(offset_in_frame(entry) >= PTRS_PER_PTE * sizeof(pte_t)))
		image_beyond_table();
	if (unlikely(!image_frame_used[frame_of(entry)]))
		image_free_table();
}

static inline void set_pte(pte_t *to, pte_t pte)
{
	image_yield(IMAGE_ENTRY);
	require_in_table(to);
	WRITE_ONCE(*to, pte);
}

static inline void set_pmd(pmd_t *to, pmd_t pmd)
{
	image_yield(IMAGE_ENTRY);
	WRITE_ONCE(*to, pmd);
}
#define set_pmd_at(mm, address, to, pmd) set_pmd((to), (pmd))
static inline void pmd_clear(pmd_t *pmd) { set_pmd(pmd, __pmd(0)); }
static inline pte_t ptep_get(pte_t *ptep)
{
	image_yield(IMAGE_ENTRY);
	require_in_table(ptep);
	return READ_ONCE(*ptep);
}

#define ptep_get ptep_get
static inline pmd_t pmdp_get(pmd_t *pmdp)
{
	image_yield(IMAGE_ENTRY);
	return READ_ONCE(*pmdp);
}
#define pmdp_get pmdp_get
#define pte_clear(mm, address, ptep) set_pte((ptep), __pte(0))

#define PFN_PTE_SHIFT PAGE_SHIFT

#define __pte_to_swp_entry(pte) \
	((swp_entry_t){ pte_val(pte) & ~(_PAGE_SOFT_DIRTY | _PAGE_UFFD_WP | _PAGE_SWP_EXCLUSIVE) })
#define __swp_type(entry) (((entry).val >> 1) & 0x1f)
#define __swp_offset(entry) ((entry).val >> PAGE_SHIFT)
#define __swp_entry(type, offset) \
	((swp_entry_t){ ((unsigned long)(type) << 1) | ((unsigned long)(offset) << PAGE_SHIFT) })
#define __swp_entry_to_pte(entry) __pte((entry).val)
#define __pmd_to_swp_entry(pmd) __pte_to_swp_entry(__pte(pmd_val(pmd)))
#define __swp_entry_to_pmd(entry) __pmd((entry).val)
static inline bool pte_swp_exclusive(pte_t pte) { return !!(pte_val(pte) & _PAGE_SWP_EXCLUSIVE); }
static inline pte_t pte_swp_mkexclusive(pte_t pte) { return __pte(pte_val(pte) | _PAGE_SWP_EXCLUSIVE); }
static inline pte_t pte_swp_clear_exclusive(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_SWP_EXCLUSIVE); }
#define __HAVE_ARCH_PTE_SWP_EXCLUSIVE

#define pte_ERROR(e) BUG()
#define pmd_ERROR(e) BUG()
#define pgd_ERROR(e) BUG()

/* Without hints above 1, some batches would never be formed. */
unsigned int pte_batch_hint(pte_t *ptep, pte_t pte);
#define pte_batch_hint pte_batch_hint

#define update_mmu_cache(vma, address, ptep) \
	do { \
	} while (0)
#define update_mmu_cache_range(vmf, vma, address, ptep, nr) \
	do { \
	} while (0)
#define update_mmu_cache_pmd(vma, address, pmdp) \
	do { \
	} while (0)
#define kern_addr_valid(address) 1

#endif
#endif
