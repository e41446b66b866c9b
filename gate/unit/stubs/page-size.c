extern unsigned int gate_hpage_pmd_order;
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PMD_SHIFT (PAGE_SHIFT + gate_hpage_pmd_order)
#define PUD_SHIFT (PMD_SHIFT + 9)
#define P4D_SHIFT (PUD_SHIFT + 9)
#define PGDIR_SHIFT (P4D_SHIFT + 9)
#define HPAGE_PMD_SHIFT PMD_SHIFT
#define HPAGE_PMD_ORDER gate_hpage_pmd_order
#define HPAGE_PMD_NR (1 << HPAGE_PMD_ORDER)
#define HPAGE_PUD_ORDER (gate_hpage_pmd_order + 9)
#define HPAGE_PUD_NR (1 << HPAGE_PUD_ORDER)
#define MAX_PAGE_ORDER 10
#define MAX_FOLIO_ORDER 18
