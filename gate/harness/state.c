#define GATE_OP(name) __attribute__((export_name("op_" #name), no_instrument_function)) int op_##name
/* The same for what only asks, without a look at what else it did. */
#define GATE_ANSWER(name) __attribute__((export_name("ask_" #name), no_instrument_function)) int ask_##name
#define GATE_HERE static __attribute__((noinline, no_instrument_function))
#define GATE_WORDS ((int)(sizeof(struct page) / sizeof(unsigned int)))
#define GATE_LONGS ((int)(sizeof(struct page) / sizeof(unsigned long)))
#define GATE_POISON ((unsigned long)0x5a5a5a5a5a5a5a5aULL)
/* Struct pages that are nobody's: before those of the folio, as many as keep these aligned, and behind them. */
#define GATE_BEFORE ((int)(4096 / sizeof(struct page)))
#define GATE_BEHIND 2
#define gate_memmap (gate_all_pages + GATE_BEFORE)

static struct page gate_all_pages[GATE_BEFORE + GATE_MOST_PAGES + GATE_BEHIND] __attribute__((aligned(4096)));
/* How many of them hold something, from the folio's first on; at the start nobody has written what is nobody's. */
static int gate_written = GATE_MOST_PAGES + GATE_BEHIND;
static struct page gate_after[GATE_MOST_PAGES] __attribute__((aligned(64)));
static struct anon_vma gate_anon_vma __attribute__((aligned(64))), gate_anon_vma_given __attribute__((aligned(64)));
static unsigned long gate_mapping[8] __attribute__((aligned(64)));
/* By their numbers; and as they were before the call, those that it was given. */
static struct mm_struct gate_mm[GATE_MOST_MMS], gate_mm_given[2];
static struct vm_area_struct gate_vma[GATE_MOST_MMS], gate_vma_given[2];
static int gate_given[2];
/* Where NULL points to. Visible, and so no constant: what the compiler knows to be NULL must not be read. */
unsigned long *gate_null;
int gate_warning;
int gate_spinlocks;
/* Whether swap can be freed: no page table has a swap entry of the folio. */
static int gate_swap_unused;
long gate_stats[256];
int gate_other_statistic;
unsigned int gate_hpage_pmd_order;
int gate_buffer[BUFFER_size];
__attribute__((export_name("gate_buffer_address"), no_instrument_function)) int gate_buffer_address(void) { return (int)(unsigned long)gate_buffer; }
__attribute__((export_name("gate_page_words"), no_instrument_function)) int gate_page_words(void) { return GATE_WORDS; }
#ifndef FOLIO_MAPPING_ANON
#define FOLIO_MAPPING_ANON PAGE_MAPPING_ANON
#endif
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
struct deferred_split gate_deferred_split;
#endif
#define GATE_FLAG(page, nr) (*(unsigned long *)&(page)->flags & (1UL << (nr)))
/* Whether a folio of the order has room for a field. */
#define GATE_HAS_ROOM(field, order) (offsetof(struct folio, field) + sizeof(((struct folio *)0)->field) <= sizeof(struct page) << (order))
/* Ids that need all of their bits; both ways. */
#define GATE_ID(id) ((id) == 0 ? 0 : (int)(MM_ID_MASK - (unsigned int)(id)))
/* Where VMAs begin, in their file or not: so that an index is no address, and no offset. */
#define GATE_START (5UL << PAGE_SHIFT)
#define GATE_PGOFF 3
/* A count, whatever its type: as the number that it is. */
#define GATE_COUNT(place) (*(__typeof__(__builtin_choose_expr(sizeof(place) == sizeof(long), 0L, 0)) *)&(place))
#define GATE_SET_FLAG(page, nr, on) ((on) ? (*(unsigned long *)&(page)->flags |= 1UL << (nr)) : (*(unsigned long *)&(page)->flags &= ~(1UL << (nr))))
