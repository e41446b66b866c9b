/* Makes a large folio of pages. */

static inline void folio_set_order(struct folio *folio, unsigned int order)
{
	folio->_flags_1 = (folio->_flags_1 & ~ORDER_MASK) | order;
}

static inline void prep_compound_head(struct page *page, unsigned int order)
{
	struct folio *folio = (struct folio *)page;

	folio_set_order(folio, order);
#ifdef CONFIG_MM_ID
	folio->_mm_ids = 0;
	for (int slot = 0; slot < 2; slot++)
		folio->_mm_id_mapcount[slot] = -1;
#endif
	atomic_set(&folio->_large_mapcount, -1);
	if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT))
		atomic_set(&folio->_nr_pages_mapped, 0);
	if (order > 1 || IS_ENABLED(CONFIG_64BIT)) {
		atomic_set(&folio->_entire_mapcount, -1);
		atomic_set(&folio->_pincount, 0);
	}
	if (order > 1)
		INIT_LIST_HEAD(&folio->_deferred_list);
}
