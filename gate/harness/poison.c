GATE_HERE void gate_poison_folio(void)
{
	struct folio *folio = (struct folio *)gate_memmap;
	const int order = __builtin_ctz(gate_buffer[BUFFER_nrPages]);
	const int poison = (int)GATE_POISON;

	gate_quiet = 1;
	/* A wrong order, and with it a wrong number of pages. */
	folio_set_order(folio, order + 1);
	gate_warning = 0;
	atomic_set(&folio->_large_mapcount, poison);
	/* Without page mapcounts, the kernel neither sets nor reads it. */
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
