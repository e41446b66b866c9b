#define GATE_OP(name) __attribute__((export_name("op_" #name), no_instrument_function)) int op_##name
/* The same for a read-only function, without the check for side effects. */
#define GATE_QUERY(name) __attribute__((export_name("query_" #name), no_instrument_function)) int query_##name
#define GATE_HERE static __attribute__((noinline, no_instrument_function))
#define GATE_WORDS ((int)(sizeof(struct page) / sizeof(unsigned int)))
#define GATE_LONGS ((int)(sizeof(struct page) / sizeof(unsigned long)))
#define GATE_POISON ((unsigned long)0x5a5a5a5a5a5a5a5aULL)
/* Struct pages around the folio that do not belong to it. Before it, as many as keep those of the folio aligned. */
#define GATE_BEFORE ((int)(4096 / sizeof(struct page)))
#define GATE_BEHIND 2
#define gate_memmap (gate_all_pages + GATE_BEFORE)

static struct page gate_all_pages[GATE_BEFORE + GATE_MOST_PAGES + GATE_BEHIND] __attribute__((aligned(4096)));
/* Number of struct pages that are not poisoned, from the folio's first on. At the start none is poisoned. */
static int gate_unpoisoned = GATE_MOST_PAGES + GATE_BEHIND;
static struct page gate_after[GATE_MOST_PAGES] __attribute__((aligned(64)));
static struct anon_vma gate_anon_vma __attribute__((aligned(64))), gate_saved_anon_vma __attribute__((aligned(64)));
static unsigned long gate_mapping[8] __attribute__((aligned(64)));
/* By number of the MM; and saved copies of the up to two that are arguments of the call. */
static struct mm_struct gate_mm[GATE_MOST_MMS], gate_saved_mm[2];
static struct vm_area_struct gate_vma[GATE_MOST_MMS], gate_saved_vma[2];
/* Numbers of the MMs that are arguments of the call, plus one; 0 for none. */
static int gate_passed[2];
/* NULL, as a global variable and no constant: the compiler removes reads through a constant NULL. */
unsigned long *gate_null;
int gate_warning;
int gate_spinlocks;
/* Whether the swap slots can be freed: no page table has a swap entry of the folio. */
static int gate_swap_unused;
long gate_stats[256];
int gate_other_statistic;
unsigned int gate_hpage_pmd_order;
int gate_buffer[BUFFER_size];
__attribute__((export_name("gate_buffer_address"), no_instrument_function)) int gate_buffer_address(void)
{
	return (int)(unsigned long)gate_buffer;
}
__attribute__((export_name("gate_page_words"), no_instrument_function)) int gate_page_words(void) { return GATE_WORDS; }
#ifndef FOLIO_MAPPING_ANON
#define FOLIO_MAPPING_ANON PAGE_MAPPING_ANON
#endif
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
struct deferred_split gate_deferred_split;
#endif
#define GATE_FLAG(page, nr) (*(unsigned long *)&(page)->flags & (1UL << (nr)))
/* Whether a folio of the order has room for a field. */
#define GATE_HAS_ROOM(field, order) \
	(offsetof(struct folio, field) + sizeof(((struct folio *)0)->field) <= sizeof(struct page) << (order))
/* Converts an id of the model to one that needs all bits of MM_ID_MASK, and back. */
#define GATE_ID(id) ((id) == 0 ? 0 : (int)(MM_ID_MASK - (unsigned int)(id)))
/* Start of the VMAs, as address and as offset in the file. Not 0, so that page index, address and offset differ. */
#define GATE_START (5UL << PAGE_SHIFT)
#define GATE_PGOFF 3
/* Accesses a count of any type (int, long, atomic_t, atomic_long_t) as an integer. */
#define GATE_COUNT(place) (*(__typeof__(__builtin_choose_expr(sizeof(place) == sizeof(long), 0L, 0)) *)&(place))
#define GATE_SET_FLAG(page, nr, on) \
	((on) ? (*(unsigned long *)&(page)->flags |= 1UL << (nr)) \
	      : (*(unsigned long *)&(page)->flags &= ~(1UL << (nr))))
