/*
 * Page allocator: returns the lowest free, naturally aligned block of an order. It includes the tree's file for its
 * checks and preparations of new and freed pages. A freed page is reset to its state at boot, memory included; memory
 * that the caller must initialize has a byte that no process writes.
 *
 * Allocations never fail at random: without a free block, the operation is stopped, and the search is incomplete.
 */

/* Renames the functions that use the tree's free lists: the definitions below replace them. */
#define __alloc_frozen_pages_noprof tree_alloc_frozen_pages
#define __alloc_pages_noprof tree_alloc_pages
#define __folio_alloc_noprof tree_folio_alloc
#define get_free_pages_noprof tree_get_free_pages
#define get_zeroed_page_noprof tree_get_zeroed_page
#define free_frozen_pages tree_free_frozen_pages
#define free_unref_folios tree_free_unref_folios
#define __free_pages tree_free_pages
#define free_pages tree_free_pages_at
#include <mm/page_alloc.c>
#undef __alloc_frozen_pages_noprof
#undef __alloc_pages_noprof
#undef __folio_alloc_noprof
#undef get_free_pages_noprof
#undef get_zeroed_page_noprof
#undef free_frozen_pages
#undef free_unref_folios
#undef __free_pages
#undef free_pages

#include "harness.h"
#include "contents.h"

/* Overrides a weak function, which would compare PAGE_SIZE bytes: a frame has only FRAME_BYTES. */
int memcmp_pages(struct page *one, struct page *other)
{
	return memcmp(page_address(one), page_address(other), FRAME_BYTES);
}

/* Returns the first byte that differs. Only FRAME_BYTES of a page exist. */
void *memchr_inv(const void *start, int byte, size_t length)
{
	const unsigned char *next = start;
	const unsigned char *end = next + (virt_addr_valid(start) ? min(length, (size_t)FRAME_BYTES) : length);

	while (next < end && *next == (unsigned char)byte)
		next++;
	return next < end ? (void *)next : NULL;
}

unsigned char image_frames[IMAGE_FRAMES][FRAME_BYTES] __aligned(FRAME_BYTES);
struct page image_pages[IMAGE_FRAMES] __aligned(64);
struct page *mem_map = image_pages;
unsigned char image_frame_used[IMAGE_FRAMES];
struct pglist_data contig_page_data;
static DEFINE_PER_CPU(struct per_cpu_nodestat, node_statistics);
unsigned long max_mapnr = IMAGE_FRAMES;
unsigned long max_pfn = IMAGE_FRAMES;
unsigned long max_low_pfn = IMAGE_FRAMES;
unsigned long min_low_pfn;
void *high_memory;

static void reset_page(unsigned long pfn)
{
	struct page *page = image_pages + pfn;

	memset(page, 0, sizeof(*page));
	set_page_links(page, ZONE_NORMAL, 0, pfn);
	atomic_set(&page->_mapcount, -1);
	memset(image_frames[pfn], 0, FRAME_BYTES);
	image_frame_used[pfn] = 0;
}

void boot_page_alloc(void)
{
	struct pglist_data *node = &contig_page_data;
	unsigned long pfn;

	for (pfn = 0; pfn < IMAGE_FRAMES; pfn++)
		reset_page(pfn);
	for (pfn = 0; pfn < IMAGE_FIRST_FRAME; pfn++) {
		__SetPageReserved(image_pages + pfn);
		init_page_count(image_pages + pfn);
	}
	node->node_zones[ZONE_NORMAL].zone_pgdat = node;
	node->node_zones[ZONE_MOVABLE].zone_pgdat = node;
	node->node_zones[ZONE_NORMAL].per_cpu_zonestats = &boot_zonestats;
	node->node_zones[ZONE_MOVABLE].per_cpu_zonestats = &boot_zonestats;
	node->per_cpu_nodestats = &node_statistics;
	node->node_zones[ZONE_NORMAL].present_pages = IMAGE_FRAMES;
	node->node_zones[ZONE_NORMAL].managed_pages.counter = IMAGE_FRAMES;
	node->node_spanned_pages = node->node_present_pages = IMAGE_FRAMES;
	lruvec_init(&node->__lruvec);
}

static struct page *free_block(unsigned int order)
{
	unsigned long size = 1UL << order, pfn, i;

	for (pfn = IMAGE_FIRST_FRAME; pfn + size <= IMAGE_FRAMES; pfn += size) {
		if (pfn & (size - 1))
			continue;
		for (i = 0; i < size && !image_frame_used[pfn + i]; i++)
			;
		if (i < size)
			continue;
		for (i = 0; i < size; i++)
			image_frame_used[pfn + i] = 1;
		return image_pages + pfn;
	}
	image_full("no block of frames is free");
}

struct page *__alloc_frozen_pages_noprof(gfp_t gfp, unsigned int order, int node, nodemask_t *nodes)
{
	struct page *page;
	unsigned int i;

	if (gfpflags_allow_blocking(gfp))
		require_sleepable();
	image_yield(IMAGE_ALLOCATION);
	page = free_block(order);
	prep_new_page(page, order, gfp, 0);
	if (!(gfp & __GFP_ZERO))
		for (i = 0; i < 1U << order; i++)
			image_frames[page_to_pfn(page) + i][0] = UNINITIALIZED;
	return page;
}

struct page *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int node, nodemask_t *nodes)
{
	struct page *page = __alloc_frozen_pages_noprof(gfp, order, node, nodes);

	set_page_refcounted(page);
	return page;
}

struct folio *__folio_alloc_noprof(gfp_t gfp, unsigned int order, int node, nodemask_t *nodes)
{
	return page_rmappable_folio(__alloc_pages_noprof(gfp | __GFP_COMP, order, node, nodes));
}

/* Fails: callers expect a page of PAGE_SIZE bytes, which a frame does not have. mmu_gather works without. */
unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order) { return 0; }

void free_frozen_pages(struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page), i;

	for (i = 0; i < 1UL << order; i++)
		if (pfn + i >= IMAGE_FRAMES || pfn < IMAGE_FIRST_FRAME || !image_frame_used[pfn + i])
			image_fault("free-page-freed");
	if (!free_pages_prepare(page, order))
		return;
	for (i = 0; i < 1UL << order; i++)
		reset_page(pfn + i);
}

void free_unref_folios(struct folio_batch *folios)
{
	unsigned int i;

	for (i = 0; i < folios->nr; i++)
		free_frozen_pages(&folios->folios[i]->page, folio_order(folios->folios[i]));
	folio_batch_reinit(folios);
}

void __free_pages(struct page *page, unsigned int order)
{
	if (put_page_testzero(page))
		free_frozen_pages(page, order);
}
