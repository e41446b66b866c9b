/*
 * Writes the world for claims: for each frame the fields of its page and folio, for each process its page tables and
 * counters. It does not change the state. Results of the tree's query functions are included.
 */
#include "harness.h"
#include "regions.h"
#include "contents.h"
#include "holders.h"
#include "swap_device.h"
#include "world_file.h"

/* Must match gate/image/world/world-layout.ts. */
struct world_frame {
	/* First frame of the folio; -1 for none. */
	int head;
	int order;
	/* Stored value: one less than the mapcount. */
	int mapcount;
	int refcount;
	int large_mapcount;
	int entire_mapcount;
	int nr_pages_mapped;
	int pincount;
	int mm_id[2];
	int mm_id_mapcount[2];
	int flags;
	int content;
	int expected_references;
	/* Result of folio_mapcount(). */
	int folio_mapcount;
	/* Of a folio that says it is in the page cache of the file: where; -1 for others. */
	int file_index;
};

enum {
	FRAME_ANON = 1,
	FRAME_EXCLUSIVE = 2,
	FRAME_MAYBE_SHARED = 4,
	FRAME_LOCKED = 8,
	FRAME_SWAPCACHE = 16,
	FRAME_PARTIALLY_MAPPED = 32,
	FRAME_DEFERRED = 64,
	FRAME_LRU = 128,
	FRAME_LAZYFREE = 256,
	FRAME_DIRTY = 512,
	FRAME_IDS_SHARED = 1024,
	/* The frame is a page table and belongs to no folio. */
	FRAME_TABLE = 2048,
	/* Result of folio_maybe_dma_pinned(). */
	FRAME_MAYBE_PINNED = 4096,
};

struct world_entry {
	int flags;
	int frame;
};

enum {
	ENTRY_PRESENT = 1,
	ENTRY_MIGRATION = 2,
	ENTRY_SWAP = 4,
	ENTRY_PMD = 8,
	ENTRY_WRITE = 16,
	ENTRY_EXCLUSIVE = 32,
	ENTRY_MAY_WRITE = 64,
	ENTRY_MAY_BE_ZERO = 128,
	ENTRY_SOFT_DIRTY = 256,
	ENTRY_FOUND_BY_RMAP = 512,
	ENTRY_DIRTY = 1024,
	/* Bits 16 to 23: byte that the process must read. */
	ENTRY_EXPECTED_SHIFT = 16,
};

struct world_mm {
	int live;
	int id;
	int anon_pages;
	int file_pages;
	int shmem_pages;
	int swap_entries;
	/* Deposited page tables: reserved for the split of a huge PMD. */
	int deposited_tables;
	/* Result of mm_pgtables_bytes(), and the size of the existing page tables. */
	int table_bytes_counted;
	int table_bytes;
	struct world_entry entries[IMAGE_PAGES];
};

/* A slot of the swap device. */
struct world_slot {
	/* Number of entries that refer to it, according to the kernel. */
	int count;
	/* Frame of the page that the swap cache has for it; -1 for none. */
	int cached;
	/* The byte that a process would read from it. */
	int content;
};

struct world_held_page {
	int frame;
	/* Page of the address space at which the process must find it; 0 for none. */
	int at;
	/* The byte that the holder must read, and the one that it reads. */
	int expected;
	int actual;
};

struct world_holder {
	/* Bits of enum gup. */
	int how;
	/* Number of the process; -1 if it has exited. */
	int mm;
	int count;
	struct world_held_page pages[HELD_PAGES];
};

static WORKSPACE struct {
	struct world_frame frames[IMAGE_FRAMES];
	struct world_mm mms[IMAGE_MMS];
	struct world_slot slots[SWAP_SLOTS];
	/* Slots of the device, and the free ones, according to the kernel. */
	int total_slots;
	int free_slots;
	/* NR_SWAPCACHE. */
	int swap_cache;
	int anon_mapped;
	int anon_thps;
	/* Length of the deferred-split queue. */
	int queue_length;
	/* By order. */
	int nr_anon[IMAGE_ORDERS];
	int nr_anon_partially_mapped[IMAGE_ORDERS];
	/* By LRU list: pages according to the node, and pages of the folios on it. */
	int lru_size[NR_LRU_LISTS];
	int lru_pages[NR_LRU_LISTS];
	/* NR_ISOLATED_ANON plus NR_ISOLATED_FILE, and pages of the folio under migration. */
	int isolated;
	int isolated_pages;
	/* NR_FOLL_PIN_ACQUIRED minus NR_FOLL_PIN_RELEASED. */
	int pinned;
	struct world_holder holders[IMAGE_HOLDERS];
	/* NR_FILE_MAPPED, and NR_FILE_PMDMAPPED plus NR_SHMEM_PMDMAPPED. */
	int file_mapped;
	int file_pmd_mapped;
	struct world_file file;
} world;

static void read_frame(unsigned int pfn, struct world_frame *out)
{
	struct page *page = image_pages + pfn;
	struct folio *folio = page_folio(page);

	*out = (struct world_frame){
		.head = -1, .mm_id_mapcount = { -1, -1 }, .large_mapcount = -1, .entire_mapcount = -1, .file_index = -1
	};
	if (!image_frame_used[pfn])
		return;
	if (PageTable(&folio->page)) {
		out->flags = FRAME_TABLE;
		return;
	}
	out->head = page_to_pfn(&folio->page);
	out->mapcount = atomic_read(&page->_mapcount);
	out->content = image_frames[pfn][0];
	out->flags = folio_test_anon(folio) && PageAnonExclusive(page) ? FRAME_EXCLUSIVE : 0;
	if (out->head != pfn)
		return;
	out->order = folio_order(folio);
	out->refcount = folio_ref_count(folio);
	if (folio_test_large(folio)) {
		out->large_mapcount = folio_large_mapcount(folio) - 1;
		out->entire_mapcount = folio_entire_mapcount(folio) - 1;
	}
#ifdef CONFIG_PAGE_MAPCOUNT
	if (folio_test_large(folio))
		out->nr_pages_mapped = atomic_read(&folio->_nr_pages_mapped);
#endif
#ifdef CONFIG_MM_ID
	if (folio_test_large(folio)) {
		int i;

		for (i = 0; i < 2; i++) {
			out->mm_id[i] = folio->_mm_id[i] & MM_ID_MASK;
			out->mm_id_mapcount[i] = folio->_mm_id_mapcount[i];
		}
		if (test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids))
			out->flags |= FRAME_IDS_SHARED;
	}
#endif
	if (folio_has_pincount(folio))
		out->pincount = atomic_read(&folio->_pincount);
	out->folio_mapcount = folio_mapcount(folio);
	out->expected_references = folio_expected_ref_count(folio);
	if (folio_test_anon(folio))
		out->flags |= FRAME_ANON;
	else if (image_file && folio->mapping == image_file->f_mapping)
		out->file_index = folio->index;
	if (folio_maybe_mapped_shared(folio))
		out->flags |= FRAME_MAYBE_SHARED;
	if (folio_test_locked(folio))
		out->flags |= FRAME_LOCKED;
	if (folio_test_swapcache(folio))
		out->flags |= FRAME_SWAPCACHE;
	if (folio_order(folio) > 1 && folio_test_partially_mapped(folio))
		out->flags |= FRAME_PARTIALLY_MAPPED;
	if (folio_order(folio) > 1 && !list_empty(&folio->_deferred_list))
		out->flags |= FRAME_DEFERRED;
	if (folio_test_lru(folio)) {
		out->flags |= FRAME_LRU;
		world.lru_pages[folio_lru_list(folio)] += folio_nr_pages(folio);
	}
	if (folio_test_anon(folio) && !folio_test_swapbacked(folio))
		out->flags |= FRAME_LAZYFREE;
	if (folio_test_dirty(folio))
		out->flags |= FRAME_DIRTY;
	if (folio_maybe_dma_pinned(folio))
		out->flags |= FRAME_MAYBE_PINNED;
}

static bool may_write(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma = vma_lookup(mm, address);

	return vma && (vma->vm_flags & VM_WRITE);
}

/* Whether a reverse mapping walk from a page of a folio visits the VMA at an address. */
static bool rmap_finds(struct page *page, struct mm_struct *mm, unsigned long address)
{
	struct folio *folio = page_folio(page);
	struct vm_area_struct *vma = vma_lookup(mm, address), *other;
	struct anon_vma *anon_vma = folio_anon_vma(folio);
	unsigned long index = folio->index + folio_page_idx(folio, page);
	struct anon_vma_chain *avc;

	if (!vma || linear_page_index(vma, address) != index)
		return false;
	if (anon_vma) {
		anon_vma_interval_tree_foreach(avc, &anon_vma->rb_root, index, index) if (avc->vma == vma) return true;
	} else if (!folio_test_anon(folio) && folio->mapping) {
		vma_interval_tree_foreach(other, &folio->mapping->i_mmap, index, index) if (other == vma) return true;
	}
	return false;
}

static void read_entry(unsigned int number, unsigned int page, struct world_entry *out)
{
	bool huge;
	unsigned long entry = entry_at(image_mms[number], (unsigned long)page << PAGE_SHIFT, &huge);

	out->flags = expected_at(number, page) << ENTRY_EXPECTED_SHIFT;
	out->frame = 0;
	if (image_may_be_zero[number][page])
		out->flags |= ENTRY_MAY_BE_ZERO;
	if (image_soft_dirty[number][page])
		out->flags |= ENTRY_SOFT_DIRTY;
	if (!entry)
		return;
	if (huge)
		out->flags |= ENTRY_PMD;
	if (is_present_entry(entry)) {
		out->flags |= ENTRY_PRESENT | (entry & _PAGE_WRITE ? ENTRY_WRITE : 0) |
			      (entry & _PAGE_DIRTY ? ENTRY_DIRTY : 0);
		if (entry & _PAGE_WRITE)
			out->flags |= may_write(image_mms[number], (unsigned long)page << PAGE_SHIFT) ? ENTRY_MAY_WRITE
												      : 0;
	} else if (is_migration_type(ENTRY_TYPE(entry)))
		out->flags |= ENTRY_MIGRATION | (ENTRY_TYPE(entry) == SWP_MIGRATION_WRITE ? ENTRY_WRITE : 0) |
			      (ENTRY_TYPE(entry) != SWP_MIGRATION_READ ? ENTRY_EXCLUSIVE : 0);
	else
		out->flags |= ENTRY_SWAP | (entry & _PAGE_SWP_EXCLUSIVE ? ENTRY_EXCLUSIVE : 0);
	out->frame = (entry >> PAGE_SHIFT) + (huge ? page & (PTRS_PER_PTE - 1) : 0);
	if (!(out->flags & ENTRY_SWAP) && out->frame >= IMAGE_FIRST_FRAME &&
	    rmap_finds(image_pages + out->frame, image_mms[number], (unsigned long)page << PAGE_SHIFT))
		out->flags |= ENTRY_FOUND_BY_RMAP;
}

static void count_tables(struct mm_struct *mm, struct world_mm *out)
{
	unsigned int upper, lower;

	out->deposited_tables = out->table_bytes = 0;
	for (upper = 0; upper < PTRS_PER_PGD; upper++) {
		pmd_t *pmds;

		if (!pgd_val(mm->pgd[upper]))
			continue;
		pmds = (pmd_t *)image_frames[pgd_val(mm->pgd[upper]) >> PAGE_SHIFT];
		out->table_bytes += PTRS_PER_PMD * sizeof(pmd_t);
		for (lower = 0; lower < PTRS_PER_PMD; lower++)
			if ((pmd_val(pmds[lower]) & ~_PAGE_FRAME) == _PAGE_PRESENT)
				out->table_bytes += PTRS_PER_PTE * sizeof(pte_t);
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
		if (pmd_huge_pte(mm, pmds))
			out->deposited_tables += 1 + list_count_nodes(&pmd_huge_pte(mm, pmds)->lru);
#endif
	}
	out->table_bytes += out->deposited_tables * PTRS_PER_PTE * sizeof(pte_t);
	out->table_bytes_counted = mm_pgtables_bytes(mm);
}

static void read_holder(const struct holder *holder, struct world_holder *out)
{
	unsigned int i;

	*out = (struct world_holder){ .how = holder->how, .mm = -1, .count = holder->count };
	for (i = 0; i < IMAGE_MMS; i++)
		if (image_mms[i] && image_mms[i] == holder->mm)
			out->mm = i;
	for (i = 0; i < holder->count; i++) {
		unsigned int frame = page_to_pfn(holder->pages[i].page);

		out->pages[i] = (struct world_held_page){ .frame = frame,
							  .at = holder->pages[i].at,
							  .expected = holder->pages[i].expected,
							  .actual = image_frames[frame][0] };
	}
}

/*
 * Writes the world.
 *
 * @from and @to: range of pages that is read of each process; entries of others are empty
 */
EXPORT("read_world") unsigned int image_read_world(unsigned int from, unsigned int to)
{
	unsigned int i, page;

	memset(world.lru_pages, 0, sizeof(world.lru_pages));
	for (i = 0; i < IMAGE_FRAMES; i++)
		read_frame(i, world.frames + i);
	for (i = 0; i < IMAGE_MMS; i++) {
		struct mm_struct *mm = image_mms[i];
		struct world_mm *out = world.mms + i;

		out->live = !!mm;
		if (!mm)
			continue;
#ifdef CONFIG_MM_ID
		out->id = mm->mm_id;
#endif
		out->anon_pages = get_mm_counter(mm, MM_ANONPAGES);
		out->file_pages = get_mm_counter(mm, MM_FILEPAGES);
		out->shmem_pages = get_mm_counter(mm, MM_SHMEMPAGES);
		out->swap_entries = get_mm_counter(mm, MM_SWAPENTS);
		count_tables(mm, out);
		for (page = from; page < to; page++)
			read_entry(i, page, out->entries + page);
	}
	for (i = 1; i <= total_swap_pages; i++) {
		unsigned int index;
		struct folio *folio = cached_folio(i, &index);

		world.slots[i] = (struct world_slot){ .count = swap_count_of(i),
						      .cached = folio ? folio_pfn(folio) + index : -1,
						      .content = content_of_slot(i) };
	}
	world.total_slots = total_swap_pages;
	world.free_slots = total_swap_pages ? get_nr_swap_pages() : 0;
	world.swap_cache = global_node_page_state(NR_SWAPCACHE);
	world.anon_mapped = global_node_page_state(NR_ANON_MAPPED);
	world.anon_thps = global_node_page_state_pages(NR_ANON_THPS);
	world.queue_length = tree_queue_length();
	for (i = 0; i < IMAGE_ORDERS; i++)
		tree_huge_statistics(i, world.nr_anon + i, world.nr_anon_partially_mapped + i);
	for (i = 0; i < NR_LRU_LISTS; i++)
		world.lru_size[i] = global_node_page_state(NR_LRU_BASE + i);
	world.isolated = global_node_page_state(NR_ISOLATED_ANON) + global_node_page_state(NR_ISOLATED_FILE);
	world.isolated_pages = pages_under_migration();
	world.pinned = global_node_page_state(NR_FOLL_PIN_ACQUIRED) - global_node_page_state(NR_FOLL_PIN_RELEASED);
	for (i = 0; i < IMAGE_HOLDERS; i++)
		read_holder(image_holders + i, world.holders + i);
	world.file_mapped = global_node_page_state(NR_FILE_MAPPED);
	world.file_pmd_mapped = global_node_page_state_pages(NR_FILE_PMDMAPPED) +
				global_node_page_state_pages(NR_SHMEM_PMDMAPPED);
	read_world_file(&world.file);
	return (unsigned long)&world;
}
