/* Mapcounts for /proc. */

static inline int folio_precise_page_mapcount(struct folio *folio, struct page *page)
{
	const int stored = atomic_read(&page->_mapcount);
	const int entries = mapcount_is_type(stored) ? 0 : 1 + stored;

	return folio_test_large(folio) ? entries + folio_entire_mapcount(folio) : entries;
}

static inline int folio_average_page_mapcount(struct folio *folio)
{
	const int mapcount = folio_mapcount(folio);
	int entire, average, pages;

	if (mapcount <= 0)
		return 0;
	if (!folio_test_large(folio))
		return mapcount;
	entire = folio_entire_mapcount(folio);
	if (mapcount <= entire)
		return entire;
	pages = folio_large_nr_pages(folio);
	average = entire + (mapcount - entire + pages / 2) / pages;
	return average ? average : 1;
}
