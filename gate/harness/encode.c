/* Number of struct pages of the folio that exist here. */
GATE_HERE int gate_pages(void)
{
	return gate_buffer[BUFFER_nrPages] < GATE_MOST_PAGES ? gate_buffer[BUFFER_nrPages] : GATE_MOST_PAGES;
}

/*
 * Applies the values of the opaque words by exclusive or: a word may contain fields of the exchange buffer as well, and
 * the value is the difference from the word as encoded.
 */
GATE_HERE void gate_apply_opaque_words(void)
{
	unsigned int *words = (unsigned int *)gate_memmap;
	const int all = gate_pages() * GATE_WORDS;

	for (int i = 0; i < gate_buffer[BUFFER_opaqueCount]; i++)
		if (gate_buffer[BUFFER_opaqueAt + i] < all)
			words[gate_buffer[BUFFER_opaqueAt + i]] ^= (unsigned int)gate_buffer[BUFFER_opaqueWords + i];
}

/* Loops: the compiler turns memset() and memcpy() into calls out of WebAssembly, which are slow for so few bytes. */
static __attribute__((always_inline, no_instrument_function)) inline void gate_clear(struct page *page)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < GATE_LONGS; i++)
		((unsigned long *)page)[i] = 0;
}

static __attribute__((always_inline, no_instrument_function)) inline void gate_copy(void *to, const void *from,
										    int bytes)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < bytes / (int)sizeof(unsigned long); i++)
		((unsigned long *)to)[i] = ((const unsigned long *)from)[i];
}

GATE_HERE void gate_save_pages(void)
{
	for (int i = 0; i < gate_pages(); i++)
		gate_copy(gate_after + i, gate_memmap + i, sizeof(struct page));
}

GATE_HERE void gate_encode(void)
{
	struct page *head = gate_memmap;
	struct folio *folio = (struct folio *)head;
	const int nr = gate_pages(), flags = gate_buffer[BUFFER_flags];
	const int order = __builtin_ctz(gate_buffer[BUFFER_nrPages]);

	for (int i = 0; i < nr; i++) {
		struct page *page = head + i;

		gate_clear(page);
		atomic_set(&page->_mapcount, gate_buffer[BUFFER_mapcount + i]);
		if (gate_buffer[BUFFER_exclusive + i])
			GATE_SET_FLAG(page, PG_anon_exclusive, 1);
		if (i) {
			GATE_LINK_TAIL(page, head, order);
			page->mapping = TAIL_MAPPING;
		}
	}
	atomic_set(&folio->_refcount, gate_buffer[BUFFER_refcount]);
	folio->mapping = 0;
	folio->index = gate_buffer[BUFFER_index] + GATE_PGOFF;
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
	atomic_set(&folio->_large_mapcount, gate_buffer[BUFFER_largeMapcount]);
#ifdef GATE_HAS_nr_pages_mapped
	atomic_set(&folio->_nr_pages_mapped,
		   gate_buffer[BUFFER_pagesMapped] + gate_buffer[BUFFER_entirelyMapped] * ENTIRELY_MAPPED);
#endif
#ifdef GATE_HAS_total_mapped_pages
	GATE_COUNT(folio->_total_mapped_pages) = gate_buffer[BUFFER_totalMappedPages];
#endif
#ifdef CONFIG_MM_ID
	folio->_mm_ids = 0;
	folio->_mm_id[0] = GATE_ID(gate_buffer[BUFFER_mmId0]);
	folio->_mm_id[1] = GATE_ID(gate_buffer[BUFFER_mmId1]);
	if (flags & FLAG_shared)
		folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT;
	folio->_mm_id_mapcount[0] = gate_buffer[BUFFER_mmIdMapcount0];
	folio->_mm_id_mapcount[1] = gate_buffer[BUFFER_mmIdMapcount1];
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
		atomic_set(&folio->_entire_mapcount, gate_buffer[BUFFER_entireMapcount]);
#endif
	if (GATE_HAS_PINCOUNT(folio, order))
		atomic_set(&folio->_pincount, gate_buffer[BUFFER_pincount]);
}

GATE_HERE void gate_empty_queue(void)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	INIT_LIST_HEAD(&gate_deferred_split.split_queue);
#endif
}

/* Poisons struct pages that do not belong to the folio. */
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
	gate_deferred_split.split_queue_len = (gate_buffer[BUFFER_flags] & FLAG_onDeferredList) != 0;
#endif
	gate_hpage_pmd_order = gate_buffer[BUFFER_pmdOrder];
	gate_warning = 0;
	gate_spinlocks = 0;
	gate_swap_unused = 0;
	gate_passed[0] = gate_passed[1] = 0;
	gate_stats[NR_ANON_MAPPED] = 0;
	gate_stats[NR_FILE_MAPPED] = 0;
	gate_stats[NR_ANON_THPS] = 0;
	gate_stats[NR_FILE_PMDMAPPED] = 0;
	gate_other_statistic = 0;
	if (gate_unpoisoned > GATE_MOST_PAGES)
		gate_poison_pages(gate_memmap - 1, 1);
	if (gate_unpoisoned > nr)
		gate_poison_pages(gate_memmap + nr, gate_unpoisoned - nr);
	gate_unpoisoned = nr;
	gate_encode();
	if (gate_buffer[BUFFER_opaqueCount])
		gate_apply_opaque_words();
	gate_quiet = 0;
	return (struct folio *)gate_memmap;
}

/* Returns the fields that a folio of the size in the exchange buffer has room for: ROOM_pincount, ROOM_entireMapcount. */
__attribute__((export_name("gate_room"), no_instrument_function)) int gate_room(void)
{
	struct folio *folio = gate_load();
	const int order = __builtin_ctz(gate_buffer[BUFFER_nrPages]);
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

/* Initializes the VMA of an MM, and returns it. */
GATE_HERE struct vm_area_struct *gate_set_vma(int mm)
{
	const int number = mm & (GATE_MOST_MMS - 1);
	struct vm_area_struct *vma = gate_vma + number;
	struct mm_struct *mms = gate_mm + number;
	const int bits = 8 * sizeof(unsigned long);
	unsigned long *flags = (unsigned long *)&mms->flags + MMF_HAS_PINNED / bits;

#ifdef CONFIG_MM_ID
	mms->mm_id = mm & GATE_MM_WITHOUT_ID ? 0 : GATE_ID(mm & (GATE_MM_PINNED - 1));
#endif
	*flags = mm & GATE_MM_PINNED ? 1UL << MMF_HAS_PINNED % bits : 0;
	vma->vm_mm = mms;
	vma->vm_start = GATE_START;
	vma->vm_end = 1UL << 30;
	vma->vm_pgoff = GATE_PGOFF;
	vma->anon_vma = &gate_anon_vma;
	gate_anon_vma.root = &gate_anon_vma;
	atomic_set(&gate_anon_vma.refcount, 1);
	return vma;
}

/* As gate_set_vma(), and saves VMA, MM and anon_vma to detect writes by the call. */
GATE_HERE struct vm_area_struct *gate_vma_of(int which, int mm)
{
	struct vm_area_struct *vma = gate_set_vma(mm);

	gate_passed[which] = vma - gate_vma + 1;
	gate_copy(&gate_saved_anon_vma, &gate_anon_vma, sizeof(gate_anon_vma));
	gate_copy(gate_saved_mm + which, vma->vm_mm, sizeof(struct mm_struct));
	gate_copy(gate_saved_vma + which, vma, sizeof(*vma));
	return vma;
}
