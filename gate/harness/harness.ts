/**
 * The driver: C text of our own that stands behind the unit, in the same translation unit. It puts a folio of the model
 * into struct pages, calls one function of the tree, and takes the folio out again. What it exchanges with us is one
 * array of integers, the *mailbox*; it reads and writes struct pages through the tree's own types, so that no field
 * offset is known here and a field that a patch removes is a field that the compiler misses.
 *
 * One folio is at hand at a time, always in the same place. Every struct page is written before a call, and looked at
 * afterwards: a word that was written and that the mailbox has no name for is reported (`Box.stray`), and so is what a
 * call did elsewhere (`Box.outside`).
 */
import { DAMAGE } from "./damage.ts";

/** Most pages of a folio that have a struct page here. A larger folio has its first ones: only counts are asked of it. */
export const MOST_PAGES = 8;

/** Positions in the mailbox. Mapcounts are stored values, as in the kernel. */
export const Box = {
  nrPages: 0,
  refcount: 1,
  pincount: 2,
  largeMapcount: 3,
  entireMapcount: 4,
  /** `_nr_pages_mapped`: pages. */
  pagesMapped: 5,
  /** `_nr_pages_mapped`: how often ENTIRELY_MAPPED is in it. */
  entirelyMapped: 6,
  mmId0: 7,
  mmIdMapcount0: 8,
  mmId1: 9,
  mmIdMapcount1: 10,
  /** Bits of `Flag`. */
  flags: 11,
  index: 12,
  /** `_total_mapped_pages`. */
  totalMappedPages: 13,
  /** Mapcounts of the pages, MOST_PAGES of them; then whether each page is exclusive. */
  mapcount: 16,
  exclusive: 24,
  /** Changes of the statistics: anon mapped, file mapped, anon PMD-mapped, file PMD-mapped. Of others: `outside`. */
  stats: 32,
  /** Whether the large-mapcount lock is still held. */
  locked: 36,
  /** Position of a 32-bit word of the struct pages that was written and has no name here, plus one; else 0. */
  stray: 37,
  /** Id of the first warning, or 0. */
  warning: 38,
  /** Order of a PMD. */
  pmdOrder: 39,
  /** What was done outside of the folio's struct pages: one of `Outside`, or OTHER_STATISTIC and more; else 0. */
  outside: 41,
  /** Whether the call did not come to its end: WebAssembly stopped it. Written by us. */
  trapped: 42,
  /** How many words the C code keeps beside what is named here. */
  extraCount: 43,
  /** Their positions among the 32-bit words of the struct pages, MOST_EXTRA of them; then their values. */
  extraAt: 44,
  extra: 76,
  size: 108,
} as const;

/** Most words that C code can keep beside what is named here. */
export const MOST_EXTRA = 32;

/** Bits of `Box.flags`. */
export const Flag = {
  shared: 1,
  anon: 2,
  swapcache: 4,
  locked: 8,
  partiallyMapped: 16,
  onDeferredList: 32,
  inPageCache: 64,
} as const;

/** Bits of what `gate_room` says. */
export const Room = {
  pincount: 1,
  entireMapcount: 2,
} as const;

/** What a call can do outside of the folio's struct pages. */
export const Outside = {
  /** It wrote to the struct page before the folio's first, or to one of the two behind its last. */
  neighbour: 1,
  /** It wrote to one of the first words of the memory: through NULL. */
  null: 2,
  /** It changed an mm_struct, a VMA, or an anon_vma. */
  mm: 3,
  vma: 4,
  anonVma: 5,
  /** The deferred split queue and its length are not as PG_partially_mapped's list entry has it. */
  splitQueue: 6,
  /** A spinlock was taken and not given back, or the other way round. */
  spinlock: 7,
} as const;

/** From here on, `Box.outside` is this and a `node_stat_item`: a statistic that no rmap function has to do with. */
export const OTHER_STATISTIC = 16;

/** An MM as an argument: its number, and above that whether it ever pinned a page, and whether it has no id. */
export const MM_PINNED = 0x20;
export const MM_WITHOUT_ID = 0x40;

/** Most MMs: each has an mm_struct and a VMA of its own, so that C code can tell them apart by their addresses. */
const MOST_MMS = 16;

const constants = Object.entries(Box)
  .map(([name, position]) => `#define BOX_${name} ${position}`)
  .concat(Object.entries(Flag).map(([name, bit]) => `#define FLAG_${name} ${bit}`))
  .concat(Object.entries(Outside).map(([name, code]) => `#define OUTSIDE_${name} ${code}`))
  .concat(Object.entries(Room).map(([name, bit]) => `#define ROOM_${name} ${bit}`))
  .join("\n");

/** What the driver begins with: the next line is its first. */
export const DRIVER_START = '#line 1 "foliocheck/driver.c"\n';

/** Declarations that the unit's own stand-ins refer to as well. */
export const STATE: string = `
${DRIVER_START}${constants}
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

static struct page gate_all_pages[GATE_BEFORE + ${MOST_PAGES} + GATE_BEHIND] __attribute__((aligned(4096)));
/* How many of them hold something, from the folio's first on; at the start nobody has written what is nobody's. */
static int gate_written = ${MOST_PAGES} + GATE_BEHIND;
static struct page gate_after[${MOST_PAGES}] __attribute__((aligned(64)));
static struct anon_vma gate_anon_vma __attribute__((aligned(64))), gate_anon_vma_given __attribute__((aligned(64)));
static unsigned long gate_mapping[8] __attribute__((aligned(64)));
/* By their numbers; and as they were before the call, those that it was given. */
static struct mm_struct gate_mm[${MOST_MMS}], gate_mm_given[2];
static struct vm_area_struct gate_vma[${MOST_MMS}], gate_vma_given[2];
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
int gate_box[BOX_size];
__attribute__((export_name("gate_box_address"), no_instrument_function)) int gate_box_address(void) { return (int)(unsigned long)gate_box; }
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
`;

/** Puts the folio of the mailbox into struct pages, and makes VMAs. */
export const ENCODE: string = `
/* How many struct pages are at hand. */
GATE_HERE int gate_pages(void) { return gate_box[BOX_nrPages] < ${MOST_PAGES} ? gate_box[BOX_nrPages] : ${MOST_PAGES}; }

/* A word that has bits of its own besides those that are named holds both: what is kept is the difference. */
GATE_HERE void gate_apply_extra(void)
{
	unsigned int *words = (unsigned int *)gate_memmap;
	const int all = gate_pages() * GATE_WORDS;

	for (int i = 0; i < gate_box[BOX_extraCount]; i++)
		if (gate_box[BOX_extraAt + i] < all)
			words[gate_box[BOX_extraAt + i]] ^= (unsigned int)gate_box[BOX_extra + i];
}

/* Loops: what the compiler makes of memset() and memcpy() leaves WebAssembly, and takes longer for so little. */
static __attribute__((always_inline, no_instrument_function)) inline void gate_clear(struct page *page)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < GATE_LONGS; i++)
		((unsigned long *)page)[i] = 0;
}

static __attribute__((always_inline, no_instrument_function)) inline void gate_copy(void *to, const void *from, int bytes)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < bytes / (int)sizeof(unsigned long); i++)
		((unsigned long *)to)[i] = ((const unsigned long *)from)[i];
}

GATE_HERE void gate_remember_pages(void)
{
	for (int i = 0; i < gate_pages(); i++)
		gate_copy(gate_after + i, gate_memmap + i, sizeof(struct page));
}

GATE_HERE void gate_encode(void)
{
	struct page *head = gate_memmap;
	struct folio *folio = (struct folio *)head;
	const int nr = gate_pages(), flags = gate_box[BOX_flags];
	const int order = __builtin_ctz(gate_box[BOX_nrPages]);

	for (int i = 0; i < nr; i++) {
		struct page *page = head + i;

		gate_clear(page);
		atomic_set(&page->_mapcount, gate_box[BOX_mapcount + i]);
		if (gate_box[BOX_exclusive + i])
			GATE_SET_FLAG(page, PG_anon_exclusive, 1);
		if (i) {
			GATE_LINK_TAIL(page, head, order);
			page->mapping = TAIL_MAPPING;
		}
	}
	atomic_set(&folio->_refcount, gate_box[BOX_refcount]);
	folio->mapping = 0;
	folio->index = gate_box[BOX_index] + GATE_PGOFF;
	if (flags & FLAG_anon) {
		folio->mapping = (struct address_space *)((unsigned long)&gate_anon_vma + FOLIO_MAPPING_ANON);
		GATE_SET_FLAG(head, PG_swapbacked, 1);
	} else if (flags & FLAG_inPageCache) {
		folio->mapping = (struct address_space *)gate_mapping;
	}
	if (flags & FLAG_swapcache) {
		GATE_SET_FLAG(head, PG_swapcache, 1);
		GATE_SET_FLAG(head, PG_swapbacked, 1);
	}
	if (flags & FLAG_locked)
		GATE_SET_FLAG(head, PG_locked, 1);
	if (nr == 1)
		return;
	GATE_SET_FLAG(head, PG_head, 1);
	folio_set_order(folio, order);
	if (flags & FLAG_partiallyMapped)
		GATE_SET_FLAG(head + 1, PG_partially_mapped, 1);
	atomic_set(&folio->_large_mapcount, gate_box[BOX_largeMapcount]);
#ifdef GATE_HAS_nr_pages_mapped
	atomic_set(&folio->_nr_pages_mapped, gate_box[BOX_pagesMapped] + gate_box[BOX_entirelyMapped] * ENTIRELY_MAPPED);
#endif
#ifdef GATE_HAS_total_mapped_pages
	GATE_COUNT(folio->_total_mapped_pages) = gate_box[BOX_totalMappedPages];
#endif
#ifdef CONFIG_MM_ID
	folio->_mm_ids = 0;
	folio->_mm_id[0] = GATE_ID(gate_box[BOX_mmId0]);
	folio->_mm_id[1] = GATE_ID(gate_box[BOX_mmId1]);
	if (flags & FLAG_shared)
		folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT;
	folio->_mm_id_mapcount[0] = gate_box[BOX_mmIdMapcount0];
	folio->_mm_id_mapcount[1] = gate_box[BOX_mmIdMapcount1];
#endif
	if (order > 1) {
		INIT_LIST_HEAD(&folio->_deferred_list);
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
		if (flags & FLAG_onDeferredList)
			list_add_tail(&folio->_deferred_list, &gate_deferred_split.split_queue);
#endif
	}
#ifdef GATE_HAS_entire_mapcount
	if (GATE_HAS_ROOM(_entire_mapcount, order))
		atomic_set(&folio->_entire_mapcount, gate_box[BOX_entireMapcount]);
#endif
	if (GATE_HAS_PINCOUNT(folio, order))
		atomic_set(&folio->_pincount, gate_box[BOX_pincount]);
}

GATE_HERE void gate_empty_queue(void)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	INIT_LIST_HEAD(&gate_deferred_split.split_queue);
#endif
}

/* Marks struct pages as nobody's. */
GATE_HERE void gate_poison_pages(struct page *from, int nr)
{
	unsigned long *words = (unsigned long *)from;

	for (int i = 0; i < GATE_LONGS * nr; i++)
		words[i] = GATE_POISON;
}

GATE_HERE struct folio *gate_load(void)
{
	const int nr = gate_pages();

	gate_quiet = 1;
	gate_empty_queue();
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	gate_deferred_split.split_queue_len = (gate_box[BOX_flags] & FLAG_onDeferredList) != 0;
#endif
	gate_hpage_pmd_order = gate_box[BOX_pmdOrder];
	gate_warning = 0;
	gate_spinlocks = 0;
	gate_swap_unused = 0;
	gate_given[0] = gate_given[1] = 0;
	gate_stats[NR_ANON_MAPPED] = 0;
	gate_stats[NR_FILE_MAPPED] = 0;
	gate_stats[NR_ANON_THPS] = 0;
	gate_stats[NR_FILE_PMDMAPPED] = 0;
	gate_other_statistic = 0;
	if (gate_written > ${MOST_PAGES})
		gate_poison_pages(gate_memmap - 1, 1);
	if (gate_written > nr)
		gate_poison_pages(gate_memmap + nr, gate_written - nr);
	gate_written = nr;
	gate_encode();
	if (gate_box[BOX_extraCount])
		gate_apply_extra();
	gate_quiet = 0;
	return (struct folio *)gate_memmap;
}

/* Which fields a folio of the box's size has room for: ROOM_pincount, ROOM_entireMapcount. */
__attribute__((export_name("gate_room"), no_instrument_function)) int gate_room(void)
{
	struct folio *folio = gate_load();
	const int order = __builtin_ctz(gate_box[BOX_nrPages]);
	int room = 0;

	(void)folio;
	gate_quiet = 1;
	if (GATE_HAS_PINCOUNT(folio, order))
		room |= ROOM_pincount;
#ifdef GATE_HAS_entire_mapcount
	if (GATE_HAS_ROOM(_entire_mapcount, order))
		room |= ROOM_entireMapcount;
#endif
	gate_quiet = 0;
	return room;
}

/* The VMA of an MM. */
GATE_HERE struct vm_area_struct *gate_set_vma(int mm)
{
	const int number = mm & ${MOST_MMS - 1};
	struct vm_area_struct *vma = gate_vma + number;
	struct mm_struct *mms = gate_mm + number;
	const int bits = 8 * sizeof(unsigned long);
	unsigned long *flags = (unsigned long *)&mms->flags + MMF_HAS_PINNED / bits;

#ifdef CONFIG_MM_ID
	mms->mm_id = mm & ${MM_WITHOUT_ID} ? 0 : GATE_ID(mm & ${MM_PINNED - 1});
#endif
	*flags = mm & ${MM_PINNED} ? 1UL << MMF_HAS_PINNED % bits : 0;
	vma->vm_mm = mms;
	vma->vm_start = GATE_START;
	vma->vm_end = 1UL << 30;
	vma->vm_pgoff = GATE_PGOFF;
	vma->anon_vma = &gate_anon_vma;
	gate_anon_vma.root = &gate_anon_vma;
	atomic_set(&gate_anon_vma.refcount, 1);
	return vma;
}

/* The same, and keeps how it is before the call. */
GATE_HERE struct vm_area_struct *gate_vma_of(int which, int mm)
{
	struct vm_area_struct *vma = gate_set_vma(mm);

	gate_given[which] = vma - gate_vma + 1;
	gate_copy(&gate_anon_vma_given, &gate_anon_vma, sizeof(gate_anon_vma));
	gate_copy(gate_mm_given + which, vma->vm_mm, sizeof(struct mm_struct));
	gate_copy(gate_vma_given + which, vma, sizeof(*vma));
	return vma;
}
`;

/** What a call did outside of the folio's struct pages. What it damaged there is mended. */
const LOOK_OUTSIDE = `
static __attribute__((always_inline, no_instrument_function)) inline bool gate_same(const void *one, const void *other, int bytes)
{
	const unsigned long *left = one, *right = other;
	unsigned long differing = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < bytes / (int)sizeof(*left); i++)
		differing |= left[i] ^ right[i];
	return differing == 0;
}

static __attribute__((always_inline, no_instrument_function)) inline bool gate_is_poisoned(const struct page *from, int nr)
{
	const unsigned long *words = (const unsigned long *)from;
	unsigned long differing = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < GATE_LONGS * nr; i++)
		differing |= words[i] ^ GATE_POISON;
	return differing == 0;
}

GATE_HERE int gate_outside(void)
{
	const int nr = gate_pages();
	unsigned long null = 0;

	for (int i = 0; i < 2; i++) {
		const int number = gate_given[i] - 1;

		if (number < 0)
			continue;
		if (!gate_same(gate_mm + number, gate_mm_given + i, sizeof(struct mm_struct))) {
			gate_copy(gate_mm + number, gate_mm_given + i, sizeof(struct mm_struct));
			return OUTSIDE_mm;
		}
		if (!gate_same(gate_vma + number, gate_vma_given + i, sizeof(struct vm_area_struct))) {
			gate_copy(gate_vma + number, gate_vma_given + i, sizeof(struct vm_area_struct));
			return OUTSIDE_vma;
		}
		if (!gate_same(&gate_anon_vma, &gate_anon_vma_given, sizeof(struct anon_vma))) {
			gate_copy(&gate_anon_vma, &gate_anon_vma_given, sizeof(struct anon_vma));
			return OUTSIDE_anonVma;
		}
	}
	if (gate_spinlocks)
		return OUTSIDE_spinlock;
	if (gate_stats[NR_SHMEM_PMDMAPPED]) {
		gate_stats[NR_SHMEM_PMDMAPPED] = 0;
		return ${OTHER_STATISTIC} + NR_SHMEM_PMDMAPPED;
	}
	if (gate_other_statistic)
		return ${OTHER_STATISTIC} + gate_other_statistic - 1;
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	struct list_head *const queue = &gate_deferred_split.split_queue;
	struct folio *const folio = (struct folio *)gate_memmap;
	const bool listed = nr > 2 && !list_empty(&folio->_deferred_list);

	if (queue->next != (listed ? &folio->_deferred_list : queue) || queue->prev != queue->next ||
	    gate_deferred_split.split_queue_len != listed)
		return OUTSIDE_splitQueue;
#endif
	if (!gate_is_poisoned(gate_memmap + nr, GATE_BEHIND) || !gate_is_poisoned(gate_memmap - 1, 1)) {
		gate_written = ${MOST_PAGES} + GATE_BEHIND;
		return OUTSIDE_neighbour;
	}
#pragma clang loop unroll(full)
	for (int i = 0; i < 16; i++)
		null |= gate_null[i];
	if (null) {
		for (int i = 0; i < 16; i++)
			gate_null[i] = 0;
		return OUTSIDE_null;
	}
	return 0;
}
`;

const DECODE = `
/* What of a word is not as it is written from the mailbox. */
GATE_HERE int gate_differing(int word)
{
	return ((unsigned int *)gate_after)[word] ^ ((unsigned int *)gate_memmap)[word];
}

/* What a call leaves besides the folio. */
GATE_HERE void gate_store_surroundings(void)
{
	gate_box[BOX_stats] = gate_stats[NR_ANON_MAPPED];
	gate_box[BOX_stats + 1] = gate_stats[NR_FILE_MAPPED];
	gate_box[BOX_stats + 2] = gate_stats[NR_ANON_THPS];
	gate_box[BOX_stats + 3] = gate_stats[NR_FILE_PMDMAPPED];
	gate_box[BOX_warning] = gate_warning;
	gate_box[BOX_outside] = gate_outside();
	gate_box[BOX_stray] = 0;
}

/* Finds the first word of the struct pages that is not as it was, or should be. */
GATE_HERE void gate_find_stray(void)
{
	for (int page = 0; page < gate_pages(); page++) {
		if (gate_same(gate_after + page, gate_memmap + page, sizeof(struct page)))
			continue;
		for (int i = page * GATE_WORDS; ; i++) {
			if (gate_differing(i)) {
				gate_box[BOX_stray] = 1 + i;
				return;
			}
		}
	}
}

/* Before a call that only asks. */
GATE_HERE struct folio *gate_show(void)
{
	struct folio *folio = gate_load();

	gate_remember_pages();
	return folio;
}

/* And after it. */
GATE_HERE void gate_take_back(void)
{
	gate_quiet = 1;
	gate_box[BOX_locked] = 0;
	gate_store_surroundings();
	gate_find_stray();
}

/* Takes the folio out, and puts it back in to see whether that gives what is there. */
GATE_HERE void gate_store(void)
{
	struct page *head = gate_memmap;
	struct folio *folio = (struct folio *)head;
	const int nr = gate_pages();
	const int order = __builtin_ctz(gate_box[BOX_nrPages]);
	int flags = gate_box[BOX_flags] & FLAG_inPageCache;

	gate_quiet = 1;

	for (int i = 0; i < nr; i++) {
		if (i == 0 || GATE_TAIL_MAPCOUNTS)
			gate_box[BOX_mapcount + i] = atomic_read(&head[i]._mapcount);
		gate_box[BOX_exclusive + i] = GATE_FLAG(head + i, PG_anon_exclusive) != 0;
	}
	gate_box[BOX_refcount] = atomic_read(&folio->_refcount);
	if ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON)
		flags |= FLAG_anon;
	if (GATE_FLAG(head, PG_swapcache))
		flags |= FLAG_swapcache;
	if (GATE_FLAG(head, PG_locked))
		flags |= FLAG_locked;
	gate_box[BOX_index] = folio->index - GATE_PGOFF;
	gate_box[BOX_locked] = 0;
	if (nr > 1) {
#ifdef GATE_HAS_nr_pages_mapped
		const int mapped = atomic_read(&folio->_nr_pages_mapped);
		const int entirely = (mapped + ENTIRELY_MAPPED / 2) >> __builtin_ctz(ENTIRELY_MAPPED);

		gate_box[BOX_entirelyMapped] = entirely;
		gate_box[BOX_pagesMapped] = mapped - entirely * ENTIRELY_MAPPED;
#endif
#ifdef GATE_HAS_total_mapped_pages
		gate_box[BOX_totalMappedPages] = (int)GATE_COUNT(folio->_total_mapped_pages);
#endif
		if (GATE_FLAG(head + 1, PG_partially_mapped))
			flags |= FLAG_partiallyMapped;
		gate_box[BOX_largeMapcount] = atomic_read(&folio->_large_mapcount);
#ifdef CONFIG_MM_ID
		gate_box[BOX_mmId0] = GATE_ID(folio->_mm_id[0] & MM_ID_MASK);
		gate_box[BOX_mmId1] = GATE_ID(folio->_mm_id[1] & MM_ID_MASK);
		if (folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT)
			flags |= FLAG_shared;
		gate_box[BOX_locked] = (folio->_mm_ids >> FOLIO_MM_IDS_LOCK_BITNUM) & 1;
		gate_box[BOX_mmIdMapcount0] = folio->_mm_id_mapcount[0];
		gate_box[BOX_mmIdMapcount1] = folio->_mm_id_mapcount[1];
#endif
		if (order > 1 && !list_empty(&folio->_deferred_list))
			flags |= FLAG_onDeferredList;
#ifdef GATE_HAS_entire_mapcount
		if (GATE_HAS_ROOM(_entire_mapcount, order))
			gate_box[BOX_entireMapcount] = atomic_read(&folio->_entire_mapcount);
#endif
		if (GATE_HAS_PINCOUNT(folio, order))
			gate_box[BOX_pincount] = atomic_read(&folio->_pincount);
	}
	gate_box[BOX_flags] = flags;
	gate_store_surroundings();
	if (gate_box[BOX_locked])
		return;
	gate_remember_pages();
	gate_empty_queue();
	gate_encode();
	if (gate_box[BOX_extraCount]) {
		for (int i = 0; i < gate_box[BOX_extraCount]; i++)
			if (gate_box[BOX_extraAt + i] < nr * GATE_WORDS)
				gate_box[BOX_extra + i] = gate_differing(gate_box[BOX_extraAt + i]);
		gate_apply_extra();
	}
	gate_find_stray();
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* Takes the folio out of the swap cache, unless a page table still has an entry for it: the model knows. */
bool folio_free_swap(struct folio *folio)
{
	if (!gate_swap_unused)
		return false;
	GATE_SET_FLAG(&folio->page, PG_swapcache, 0);
	atomic_set(&folio->_refcount, atomic_read(&folio->_refcount) - gate_box[BOX_nrPages]);
	return true;
}
#endif
`;

/** A function that the driver can call: parameters of the operation, and the call in C. */
export interface Call {
  /** The kernel function. */
  readonly name: string;
  /** Where it exists at all, as a condition of the preprocessor. */
  readonly where?: string;
  /** The operation's parameters. */
  readonly parameters: readonly string[];
  /** The C expression or statement whose value is the result. */
  readonly call: string;
  /** Statements before and after it, where the driver has to do more than put a folio in and take it out. */
  readonly before?: string;
  readonly after?: string;
  /** Whether it only asks: then everything has to be as it was. */
  readonly asks?: boolean;
}

const VMA = "gate_vma_of(0, mm)";
const DST = "gate_vma_of(0, dst)";
const SRC = "gate_vma_of(1, src)";
const PAGE = "gate_memmap + page";
/** Address of a page of the folio; the index is the box's, as the folio may have none yet. */
const addressOf = (page: string): string =>
  `(GATE_START + ((unsigned long)(gate_box[BOX_index] + ${page}) << PAGE_SHIFT))`;
const RMAP_FLAGS = "(exclusive ? RMAP_EXCLUSIVE : RMAP_NONE)";
const THP = "defined(CONFIG_TRANSPARENT_HUGEPAGE)";
const MM_ID = "defined(CONFIG_MM_ID)";

const does = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  name,
  parameters,
  call: `(${call}, 0)`,
  ...(where === undefined ? {} : { where }),
});
const returns = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  name,
  parameters,
  call,
  ...(where === undefined ? {} : { where }),
});
const answers = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  ...returns(name, parameters, call, where),
  asks: true,
});

/** Tells mapcounts of pages: a stub that must not be called where nobody keeps any. */
export const PRECISE = "folio_precise_page_mapcount";

export const CALLS: readonly Call[] = [
  // Mappings by PTEs: each maps a page.
  does("folio_set_large_mapcount", ["mapcount", "mm"], `GATE_SET_LARGE_MAPCOUNT(folio, mapcount, mapcount, ${VMA})`),
  returns(
    "folio_add_return_large_mapcount",
    ["diff", "mm"],
    `GATE_ADD_LARGE_MAPCOUNT(folio, diff, diff, ${VMA})`,
    MM_ID,
  ),
  returns(
    "folio_sub_return_large_mapcount",
    ["diff", "mm"],
    `GATE_SUB_LARGE_MAPCOUNT(folio, diff, diff, ${VMA})`,
    MM_ID,
  ),
  does("folio_add_file_rmap_ptes", ["page", "nr", "mm"], `folio_add_file_rmap_ptes(folio, ${PAGE}, nr, ${VMA})`),
  does("folio_add_file_rmap_pmd", ["mm"], `folio_add_file_rmap_pmd(folio, gate_memmap, ${VMA})`, THP),
  does(
    "folio_add_anon_rmap_ptes",
    ["page", "nr", "mm", "exclusive"],
    `folio_add_anon_rmap_ptes(folio, ${PAGE}, nr, ${VMA}, ${addressOf("page")}, ${RMAP_FLAGS})`,
  ),
  does(
    "folio_add_anon_rmap_pmd",
    ["mm", "exclusive"],
    `folio_add_anon_rmap_pmd(folio, gate_memmap, ${VMA}, ${addressOf("0")}, ${RMAP_FLAGS})`,
    THP,
  ),
  {
    ...does(
      "folio_add_new_anon_rmap",
      ["mm", "exclusive"],
      `folio_add_new_anon_rmap(folio, ${VMA}, ${addressOf("0")}, ${RMAP_FLAGS})`,
    ),
    // What is not exclusive was read from swap, and its reader holds the folio lock. The index is what the call sets.
    before: "GATE_SET_FLAG(gate_memmap, PG_locked, !exclusive); folio->index = GATE_POISON;",
    after: "GATE_SET_FLAG(gate_memmap, PG_locked, gate_box[BOX_flags] & FLAG_locked);",
  },
  does("folio_remove_rmap_ptes", ["page", "nr", "mm"], `folio_remove_rmap_ptes(folio, ${PAGE}, nr, ${VMA})`),
  does("folio_remove_rmap_pmd", ["mm"], `folio_remove_rmap_pmd(folio, gate_memmap, ${VMA})`, THP),
  does("folio_dup_file_rmap_ptes", ["page", "nr", "dst"], `folio_dup_file_rmap_ptes(folio, ${PAGE}, nr, ${DST})`),
  does("folio_dup_file_rmap_pte", ["page", "dst"], `folio_dup_file_rmap_pte(folio, ${PAGE}, ${DST})`),
  does("folio_dup_file_rmap_pmd", ["dst"], `folio_dup_file_rmap_pmd(folio, gate_memmap, ${DST})`, THP),
  returns(
    "folio_try_dup_anon_rmap_ptes",
    ["page", "nr", "dst", "src"],
    `folio_try_dup_anon_rmap_ptes(folio, ${PAGE}, nr, ${DST}, ${SRC})`,
  ),
  returns(
    "folio_try_dup_anon_rmap_pte",
    ["page", "dst", "src"],
    `folio_try_dup_anon_rmap_pte(folio, ${PAGE}, ${DST}, ${SRC})`,
  ),
  returns(
    "folio_try_dup_anon_rmap_pmd",
    ["dst", "src"],
    `folio_try_dup_anon_rmap_pmd(folio, gate_memmap, ${DST}, ${SRC})`,
    THP,
  ),
  returns("folio_try_share_anon_rmap_pte", ["page"], `folio_try_share_anon_rmap_pte(folio, ${PAGE})`),
  returns("folio_try_share_anon_rmap_pmd", [], "folio_try_share_anon_rmap_pmd(folio, gate_memmap)", THP),
  does("deferred_split_folio", ["partially_mapped"], "deferred_split_folio(folio, partially_mapped)", THP),
  {
    ...returns(
      "__wp_can_reuse_large_anon_folio",
      ["mm", "swap_unused"],
      `__wp_can_reuse_large_anon_folio(folio, ${VMA})`,
      THP,
    ),
    before: "gate_swap_unused = swap_unused;",
  },
  {
    ...does("prep_compound_head", [], "prep_compound_head(gate_memmap, __builtin_ctz(gate_box[BOX_nrPages]))"),
    before: "gate_forget_folio();",
  },
  answers("folio_mapcount", [], "folio_mapcount(folio)"),
  answers("folio_entire_mapcount", [], "gate_box[BOX_nrPages] > 1 ? folio_entire_mapcount(folio) : 0"),
  answers("folio_maybe_mapped_shared", [], "folio_maybe_mapped_shared(folio)"),
  answers("folio_expected_ref_count", [], "folio_expected_ref_count(folio)"),
  answers(PRECISE, ["page"], `folio_precise_page_mapcount(folio, ${PAGE})`),
  answers("folio_average_page_mapcount", [], "folio_average_page_mapcount(folio)"),
];

/** What checks a folio on its way back to the allocator: the driver goes through its pages as free_pages_prepare() does. */
const FREE = `
${DAMAGE}
GATE_OP(free_tail_page_prepare)(int damage, int damaged)
{
	struct folio *folio = gate_load();
	const int nr = gate_box[BOX_nrPages];
	int bad = 0;

	gate_damage(gate_memmap, damaged, damage);
	/* As free_pages_prepare() does; whether that of the tree does is another unit's question (gate/layout/struct-pages/). */
	if (damage == DAMAGE_pageType && damaged == 0)
		atomic_set(&gate_memmap->_mapcount, -1);
	gate_box[BOX_stray] = 0;
	GATE_SET_FLAG(gate_memmap, PG_swapbacked, 0);
	for (int i = 1; i < nr; i++) {
		struct page *page = gate_memmap + i;

		bad |= free_tail_page_prepare(gate_memmap, page) != 0;
		GATE_SET_FLAG(page, PG_anon_exclusive, 0);
		*(unsigned long *)&gate_memmap[1].flags = 0;
		bad |= free_page_is_bad(page);
		/* A page of its own now, whether it is bad or not. */
		if (page->mapping || GATE_IS_LINKED(page))
			gate_box[BOX_stray] = 1 + i * GATE_WORDS;
	}
	if ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON)
		folio->mapping = 0;
	GATE_SET_FLAG(gate_memmap, PG_head, 0);
	GATE_SET_FLAG(gate_memmap, PG_anon_exclusive, 0);
	bad |= free_page_is_bad(gate_memmap);
	/* Of a damaged page the list is no list: that is not taken for a change of the queue. */
	if (damaged == 2)
		INIT_LIST_HEAD(&folio->_deferred_list);
	gate_box[BOX_locked] = 0;
	const int stray = gate_box[BOX_stray];
	gate_store_surroundings();
	gate_box[BOX_stray] = stray;
	return bad;
}
`;

/** Before prep_compound_head(): nothing that it has to set is set, whatever the struct pages were used for before. */
const FORGET = `
GATE_HERE void gate_forget_folio(void)
{
	struct folio *folio = (struct folio *)gate_memmap;
	const int order = __builtin_ctz(gate_box[BOX_nrPages]);
	const int poison = (int)GATE_POISON;

	gate_quiet = 1;
	/* Another order, and with it another number of pages. */
	folio_set_order(folio, order + 1);
	gate_warning = 0;
	atomic_set(&folio->_large_mapcount, poison);
	/* Without mapcounts of pages nobody sets it, and nobody looks at it. */
#if defined(GATE_HAS_nr_pages_mapped) && defined(CONFIG_PAGE_MAPCOUNT)
	atomic_set(&folio->_nr_pages_mapped, poison);
#endif
#ifdef GATE_HAS_total_mapped_pages
	GATE_COUNT(folio->_total_mapped_pages) = poison;
#endif
#ifdef CONFIG_MM_ID
	folio->_mm_ids = GATE_POISON;
	folio->_mm_id_mapcount[0] = poison;
	folio->_mm_id_mapcount[1] = poison;
#endif
	if (order > 1)
		folio->_deferred_list.next = folio->_deferred_list.prev = (struct list_head *)GATE_POISON;
#ifdef GATE_HAS_entire_mapcount
	if (GATE_HAS_ROOM(_entire_mapcount, order))
		atomic_set(&folio->_entire_mapcount, poison);
#endif
	if (GATE_HAS_PINCOUNT(folio, order))
		atomic_set(&folio->_pincount, poison);
	gate_quiet = 0;
}
`;

/** What a new folio has: asked by us, and no step of anything. */
const FRESH = `
__attribute__((export_name("gate_fresh"), no_instrument_function)) void gate_fresh(void)
{
	struct folio *folio = gate_load();

	(void)folio;
	gate_forget_folio();
	gate_quiet = 1;
	prep_compound_head(gate_memmap, __builtin_ctz(gate_box[BOX_nrPages]));
	gate_store();
}
`;

function operation(each: Call): string {
  const { name, call, before = "", after = "", asks } = each;
  const body = (begin: string, end: string): string => `{
	struct folio *folio = ${begin}();
	(void)folio;
	${before}
	const int result = ${call};
	${after}
	${end}
	return result;
}`;
  const typed = typedParameters(each);
  const text =
    asks === true
      ? `GATE_OP(${name})(${typed})\n${body("gate_show", "gate_take_back();")}\nGATE_ANSWER(${name})(${typed})\n${body("gate_load", "")}`
      : `GATE_OP(${name})(${typed})\n${body("gate_load", "gate_store();")}`;
  return whereItExists(each, text);
}

/** The parameters of an operation, in C. */
export function typedParameters({ parameters }: Call): string {
  return parameters.map((each) => `int ${each}`).join(", ") || "void";
}

/** The text of an operation, for the configurations that have its function. */
export function whereItExists({ where }: Call, text: string): string {
  return where === undefined ? text : `#if ${where}\n${text}\n#endif`;
}

/** All that can be asked, one after the other: whether any of it does more than answer takes one look then. */
function askEverything(calls: readonly Call[]): string {
  const asking = calls
    .filter(({ asks }) => asks === true)
    .map(({ name, parameters, call }) => {
      const each = parameters.includes("page")
        ? `for (int page = 0; page < gate_pages(); page++)\n\t\t(void)(${call});`
        : `(void)(${call});`;
      return name === PRECISE ? `#ifdef CONFIG_PAGE_MAPCOUNT\n\t${each}\n#endif` : `\t${each}`;
    });
  return `
__attribute__((export_name("gate_ask_everything"), no_instrument_function)) void gate_ask_everything(void)
{
	struct folio *folio = gate_show();
	(void)folio;
${asking.join("\n")}
	gate_take_back();
}
`;
}

/** Names of the operations that a module may have: those of functions that its configuration does not have are absent. */
export const OPERATIONS: readonly string[] = [...CALLS.map(({ name }) => name), "free_tail_page_prepare"];

/** Those that only ask. */
export const READERS: readonly string[] = CALLS.filter(({ asks }) => asks === true).map(({ name }) => name);

/** Functions of the driver that run no code of the tree, and go through struct pages word by word: they come to their end. */
export const ENDING: readonly string[] = ["gate_poison_pages", "gate_find_stray"];

/** Calls that an instrumented module keeps between two looks at them. */
export const MOST_CALLS = 500;

/**
 * What clang calls on entry to every function, and on its exit, when asked to. In `gate_calls`: their number, the depth,
 * then position and depth of each.
 */
function instrumentation(functions: readonly string[]): string {
  const hook = "__attribute__((no_instrument_function)) void";
  return `
void *const gate_functions[] = { ${functions.map((name) => `(void *)${name}`).join(", ")} };
int gate_calls[2 + ${2 * MOST_CALLS}];
__attribute__((export_name("gate_calls_address"), no_instrument_function)) int gate_calls_address(void) { return (int)(unsigned long)gate_calls; }
__attribute__((no_instrument_function)) static int gate_position(void *function)
{
	for (int i = 0; i < ${functions.length}; i++)
		if (gate_functions[i] == function)
			return i;
	return -1;
}
${hook} __cyg_profile_func_enter(void *function, void *site)
{
	const int position = gate_quiet ? -1 : gate_position(function);
	if (position < 0)
		return;
	if (gate_calls[0] < ${MOST_CALLS}) {
		gate_calls[2 + 2 * gate_calls[0]] = position;
		gate_calls[3 + 2 * gate_calls[0]] = gate_calls[1];
		gate_calls[0]++;
	}
	gate_calls[1]++;
}
${hook} __cyg_profile_func_exit(void *function, void *site)
{
	if (!gate_quiet && gate_position(function) >= 0)
		gate_calls[1]--;
}
`;
}

/**
 * The driver for a unit whose functions have these names.
 *
 * @param instrumented whether clang is asked to note calls
 */
export function driverSource(functions: readonly string[], instrumented: boolean): string {
  const has = (name: string): boolean => functions.includes(name);
  const calls = CALLS.filter(({ name }) => has(name));
  const fresh = has("prep_compound_head") ? [FRESH] : [];
  const free = has("free_tail_page_prepare") && has("free_page_is_bad") ? [FREE] : [];
  const notes = instrumented ? [instrumentation(functions)] : [];
  const forget = has("prep_compound_head") ? [FORGET] : [];
  return [
    STATE,
    ENCODE,
    LOOK_OUTSIDE,
    DECODE,
    ...forget,
    ...calls.map(operation),
    askEverything(calls),
    ...fresh,
    ...free,
    ...notes,
  ].join("\n");
}
