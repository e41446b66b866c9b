/* Bits of a word that differ from the word as encoded from the exchange buffer. */
GATE_HERE int gate_differing(int word)
{
	return ((unsigned int *)gate_after)[word] ^ ((unsigned int *)gate_memmap)[word];
}

/* Stores the side effects of a call: statistics, warning, writes outside of the folio. */
GATE_HERE void gate_store_side_effects(void)
{
	gate_buffer[BUFFER_stats] = gate_stats[NR_ANON_MAPPED];
	gate_buffer[BUFFER_stats + 1] = gate_stats[NR_FILE_MAPPED];
	gate_buffer[BUFFER_stats + 2] = gate_stats[NR_ANON_THPS];
	gate_buffer[BUFFER_stats + 3] = gate_stats[NR_FILE_PMDMAPPED];
	gate_buffer[BUFFER_warning] = gate_warning;
	gate_buffer[BUFFER_outside] = gate_outside();
	gate_buffer[BUFFER_unexpectedWrite] = 0;
}

/* Finds the first word of the struct pages that differs from its saved value. */
GATE_HERE void gate_find_unexpected_write(void)
{
	for (int page = 0; page < gate_pages(); page++) {
		if (gate_same(gate_after + page, gate_memmap + page, sizeof(struct page)))
			continue;
		for (int i = page * GATE_WORDS;; i++) {
			if (gate_differing(i)) {
				gate_buffer[BUFFER_unexpectedWrite] = 1 + i;
				return;
			}
		}
	}
}

/* Prepares a call of a read-only function. */
GATE_HERE struct folio *gate_begin_query(void)
{
	struct folio *folio = gate_load();

	gate_save_pages();
	return folio;
}

/* Checks the side effects of a read-only function. */
GATE_HERE void gate_end_query(void)
{
	gate_quiet = 1;
	gate_buffer[BUFFER_locked] = 0;
	gate_store_side_effects();
	gate_find_unexpected_write();
}

/*
 * Decodes the folio into the exchange buffer, and encodes it again: a difference is an unexpected write, to a word that
 * has no field in the exchange buffer.
 */
GATE_HERE void gate_store(void)
{
	struct page *head = gate_memmap;
	struct folio *folio = (struct folio *)head;
	const int nr = gate_pages();
	const int order = __builtin_ctz(gate_buffer[BUFFER_nrPages]);
	int flags = gate_buffer[BUFFER_flags] & FLAG_inPageCache;

	gate_quiet = 1;

	for (int i = 0; i < nr; i++) {
		if (i == 0 || GATE_TAIL_MAPCOUNTS)
			gate_buffer[BUFFER_mapcount + i] = atomic_read(&head[i]._mapcount);
		gate_buffer[BUFFER_exclusive + i] = GATE_FLAG(head + i, PG_anon_exclusive) != 0;
	}
	gate_buffer[BUFFER_refcount] = atomic_read(&folio->_refcount);
	if ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON)
		flags |= FLAG_anon;
	if (GATE_FLAG(head, PG_swapcache))
		flags |= FLAG_swapcache;
	if (GATE_FLAG(head, PG_locked))
		flags |= FLAG_locked;
	gate_buffer[BUFFER_index] = folio->index - GATE_PGOFF;
	gate_buffer[BUFFER_locked] = 0;
	if (nr > 1) {
#ifdef GATE_HAS_nr_pages_mapped
		const int mapped = atomic_read(&folio->_nr_pages_mapped);
		const int entirely = (mapped + ENTIRELY_MAPPED / 2) >> __builtin_ctz(ENTIRELY_MAPPED);

		gate_buffer[BUFFER_entirelyMapped] = entirely;
		gate_buffer[BUFFER_pagesMapped] = mapped - entirely * ENTIRELY_MAPPED;
#endif
#ifdef GATE_HAS_total_mapped_pages
		gate_buffer[BUFFER_totalMappedPages] = (int)GATE_COUNT(folio->_total_mapped_pages);
#endif
		if (GATE_FLAG(head + 1, PG_partially_mapped))
			flags |= FLAG_partiallyMapped;
		gate_buffer[BUFFER_largeMapcount] = atomic_read(&folio->_large_mapcount);
#ifdef CONFIG_MM_ID
		gate_buffer[BUFFER_mmId0] = GATE_ID(folio->_mm_id[0] & MM_ID_MASK);
		gate_buffer[BUFFER_mmId1] = GATE_ID(folio->_mm_id[1] & MM_ID_MASK);
		if (folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT)
			flags |= FLAG_shared;
		gate_buffer[BUFFER_locked] = (folio->_mm_ids >> FOLIO_MM_IDS_LOCK_BITNUM) & 1;
		gate_buffer[BUFFER_mmIdMapcount0] = folio->_mm_id_mapcount[0];
		gate_buffer[BUFFER_mmIdMapcount1] = folio->_mm_id_mapcount[1];
#endif
		if (order > 1 && !list_empty(&folio->_deferred_list))
			flags |= FLAG_onDeferredList;
#ifdef GATE_HAS_entire_mapcount
		if (GATE_HAS_ROOM(_entire_mapcount, order))
			gate_buffer[BUFFER_entireMapcount] = atomic_read(&folio->_entire_mapcount);
#endif
		if (GATE_HAS_PINCOUNT(folio, order))
			gate_buffer[BUFFER_pincount] = atomic_read(&folio->_pincount);
	}
	gate_buffer[BUFFER_flags] = flags;
	gate_store_side_effects();
	if (gate_buffer[BUFFER_locked])
		return;
	gate_save_pages();
	gate_empty_queue();
	gate_encode();
	if (gate_buffer[BUFFER_opaqueCount]) {
		for (int i = 0; i < gate_buffer[BUFFER_opaqueCount]; i++)
			if (gate_buffer[BUFFER_opaqueAt + i] < nr * GATE_WORDS)
				gate_buffer[BUFFER_opaqueWords + i] = gate_differing(gate_buffer[BUFFER_opaqueAt + i]);
		gate_apply_opaque_words();
	}
	gate_find_unexpected_write();
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* Removes the folio from the swap cache, unless a page table has a swap entry of it: the model passes that. */
bool folio_free_swap(struct folio *folio)
{
	if (!gate_swap_unused)
		return false;
	GATE_SET_FLAG(&folio->page, PG_swapcache, 0);
	atomic_set(&folio->_refcount, atomic_read(&folio->_refcount) - gate_buffer[BUFFER_nrPages]);
	return true;
}
#endif
