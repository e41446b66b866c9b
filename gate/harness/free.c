GATE_OP(free_tail_page_prepare)(int damage, int damaged)
{
	struct folio *folio = gate_load();
	const int nr = gate_buffer[BUFFER_nrPages];
	int bad = 0;

	gate_damage(gate_memmap, damaged, damage);
	/* As free_pages_prepare() does; whether that of the tree does is another unit's question (gate/layout/struct-pages/). */
	if (damage == DAMAGE_pageType && damaged == 0)
		atomic_set(&gate_memmap->_mapcount, -1);
	gate_buffer[BUFFER_stray] = 0;
	GATE_SET_FLAG(gate_memmap, PG_swapbacked, 0);
	for (int i = 1; i < nr; i++) {
		struct page *page = gate_memmap + i;

		bad |= free_tail_page_prepare(gate_memmap, page) != 0;
		GATE_SET_FLAG(page, PG_anon_exclusive, 0);
		*(unsigned long *)&gate_memmap[1].flags = 0;
		bad |= free_page_is_bad(page);
		/* A page of its own now, whether it is bad or not. */
		if (page->mapping || GATE_IS_LINKED(page))
			gate_buffer[BUFFER_stray] = 1 + i * GATE_WORDS;
	}
	if ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON)
		folio->mapping = 0;
	GATE_SET_FLAG(gate_memmap, PG_head, 0);
	GATE_SET_FLAG(gate_memmap, PG_anon_exclusive, 0);
	bad |= free_page_is_bad(gate_memmap);
	/* Of a damaged page the list is no list: that is not taken for a change of the queue. */
	if (damaged == 2)
		INIT_LIST_HEAD(&folio->_deferred_list);
	gate_buffer[BUFFER_locked] = 0;
	const int stray = gate_buffer[BUFFER_stray];
	gate_store_surroundings();
	gate_buffer[BUFFER_stray] = stray;
	return bad;
}
