/* Flags of pages, and the folio that a page belongs to. */

enum pageflags {
	/* Bits 0 to 7 are the order of the folio, in the flags of the second page. */
	PG_locked = 8,
	PG_head,
	PG_swapcache,
	PG_swapbacked,
	PG_anon_exclusive,
	/* In the flags of the second page. */
	PG_partially_mapped,
};

#define ORDER_MASK 0xfful

static inline bool page_flag(const struct page *page, int nr)
{
	return test_bit(nr, &page->flags);
}

/* Whether a stored mapcount is a page type. */
static inline bool mapcount_is_type(int stored)
{
	return stored < -(1 << 24);
}

static inline bool folio_test_large(const struct folio *folio)
{
	return page_flag(&folio->page, PG_head);
}

static inline bool folio_test_anon(const struct folio *folio)
{
	return (unsigned long)folio->mapping & FOLIO_MAPPING_ANON;
}

static inline bool folio_test_swapcache(const struct folio *folio)
{
	return page_flag(&folio->page, PG_swapbacked) && page_flag(&folio->page, PG_swapcache);
}

static inline bool PageAnonExclusive(const struct page *page)
{
	return page_flag(page, PG_anon_exclusive);
}

static inline void SetPageAnonExclusive(struct page *page)
{
	set_bit(PG_anon_exclusive, &page->flags);
}

static inline void ClearPageAnonExclusive(struct page *page)
{
	clear_bit(PG_anon_exclusive, &page->flags);
}
