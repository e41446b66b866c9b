/* The page allocator: checks of the counts of a folio on free. */

static inline bool free_page_is_bad(struct page *page)
{
	const bool bad = atomic_read(&page->_mapcount) != -1 || page->mapping || atomic_read(&page->_refcount) ||
			 page_flag(page, PG_locked);

	if (bad)
		bad_page(page, "state at free");
	return bad;
}

static const char *left_in_first_tail(struct folio *folio)
{
	if (folio_large_mapcount(folio))
		return "large_mapcount";
	if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT) && atomic_read(&folio->_nr_pages_mapped))
		return "nr_pages_mapped";
#ifdef CONFIG_MM_ID
	if (folio->_mm_id_mapcount[0] != -1 || folio->_mm_id_mapcount[1] != -1)
		return "mm mapcount";
#endif
	return 0;
}

static const char *left_in_either(struct folio *folio)
{
	if (atomic_read(&folio->_entire_mapcount) != -1)
		return "entire_mapcount";
	return atomic_read(&folio->_pincount) ? "pincount" : 0;
}

static int free_tail_page_prepare(struct page *head, struct page *page)
{
	struct folio *folio = (struct folio *)head;
	const char *left = 0;

	switch (page - head) {
	case 1:
		left = left_in_first_tail(folio);
		if (!left && IS_ENABLED(CONFIG_64BIT))
			left = left_in_either(folio);
		break;
	case 2:
		left = list_empty(&folio->_deferred_list) ? 0 : "deferred list";
		if (!left && !IS_ENABLED(CONFIG_64BIT))
			left = left_in_either(folio);
		break;
	default:
		left = page->mapping == TAIL_MAPPING ? 0 : "mapping";
	}
	if (!left && page->compound_head != (unsigned long)head + 1)
		left = "compound_head";
	if (left)
		bad_page(page, "counts at free");
	page->mapping = 0;
	page->compound_head = 0;
	return left != 0;
}

/* Prepares a block of pages for its new user, who may use private of the first page. */
void post_alloc_hook(struct page *page, unsigned int order, gfp_t flags)
{
	page->private = 0;
}

void prep_compound_page(struct page *page, unsigned int order)
{
	page->flags |= 1ul << PG_head;
	for (struct page *tail = page + 1; tail < page + (1 << order); tail++) {
		tail->compound_head = (unsigned long)page + 1;
		tail->mapping = TAIL_MAPPING;
		tail->private = 0;
	}
	prep_compound_head(page, order);
}

bool free_pages_prepare(struct page *page, unsigned int order)
{
	const bool compound = page_flag(page, PG_head);
	bool bad = false;

	for (struct page *tail = page + 1; tail < page + (1 << order); tail++) {
		if (compound)
			bad |= free_tail_page_prepare(page, tail);
		bad |= free_page_is_bad(tail);
		bad |= tail->private != 0;
	}
	if (mapcount_is_type(atomic_read(&page->_mapcount)))
		atomic_set(&page->_mapcount, -1);
	page->private = 0;
	page->flags = 0;
	return !free_page_is_bad(page) && !bad;
}
