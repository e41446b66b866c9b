GATE_OP(free_tail_page_prepare)(int damage, int damaged)
{
	struct folio *folio = gate_load();
	const int nr = gate_buffer[BUFFER_nrPages];
	int bad = 0;

	gate_damage(gate_memmap, damaged, damage);
	/* As free_pages_prepare() does; another harness checks that of the tree (gate/layout/struct-pages/). */
	if (damage == DAMAGE_pageType && damaged == 0)
		atomic_set(&gate_memmap->_mapcount, -1);
	gate_buffer[BUFFER_unexpectedWrite] = 0;
	GATE_SET_FLAG(gate_memmap, PG_swapbacked, 0);
	for (int i = 1; i < nr; i++) {
		struct page *page = gate_memmap + i;

		bad |= free_tail_page_prepare(gate_memmap, page) != 0;
		GATE_SET_FLAG(page, PG_anon_exclusive, 0);
		*(unsigned long *)&gate_memmap[1].flags = 0;
		bad |= free_page_is_bad(page);
		/* The page must no longer be a tail page, whether it is bad or not. */
		if (page->mapping || GATE_IS_LINKED(page))
			gate_buffer[BUFFER_unexpectedWrite] = 1 + i * GATE_WORDS;
	}
	if ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON)
		folio->mapping = 0;
	GATE_SET_FLAG(gate_memmap, PG_head, 0);
	GATE_SET_FLAG(gate_memmap, PG_anon_exclusive, 0);
	bad |= free_page_is_bad(gate_memmap);
	/* The list entry is in struct page 2: if that is damaged, it must not count as a change of the queue. */
	if (damaged == 2)
		INIT_LIST_HEAD(&folio->_deferred_list);
	gate_buffer[BUFFER_locked] = 0;
	const int unexpected = gate_buffer[BUFFER_unexpectedWrite];
	gate_store_side_effects();
	gate_buffer[BUFFER_unexpectedWrite] = unexpected;
	return bad;
}
