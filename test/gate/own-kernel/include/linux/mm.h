/* Sizes, counts and sharing of folios. */

#define PAGE_SHIFT 12

static inline unsigned int folio_order(const struct folio *folio)
{
	return folio_test_large(folio) ? folio->_flags_1 & ORDER_MASK : 0;
}

static inline int folio_large_nr_pages(const struct folio *folio)
{
	return 1 << (folio->_flags_1 & ORDER_MASK);
}

static inline bool folio_has_entire_mapcount(const struct folio *folio)
{
	return IS_ENABLED(CONFIG_64BIT) || folio_order(folio) > 1;
}

static inline int folio_entire_mapcount(const struct folio *folio)
{
	return folio_has_entire_mapcount(folio) ? 1 + atomic_read(&folio->_entire_mapcount) : 0;
}

static inline int folio_large_mapcount(const struct folio *folio)
{
	return 1 + atomic_read(&folio->_large_mapcount);
}

static inline int folio_mapcount(const struct folio *folio)
{
	const atomic_t *count = folio_test_large(folio) ? &folio->_large_mapcount : &folio->_mapcount;

	return mapcount_is_type(atomic_read(count)) ? 0 : 1 + atomic_read(count);
}

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline bool folio_maybe_dma_pinned(struct folio *folio)
{
	if (folio_test_large(folio) && folio_has_entire_mapcount(folio))
		return atomic_read(&folio->_pincount) > 0;
	return folio_ref_count(folio) >= 1024;
}

static inline bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *folio)
{
	const bool pinned_once = (vma->vm_mm->flags >> MMF_HAS_PINNED) & 1;

	return pinned_once && folio_maybe_dma_pinned(folio);
}

static inline bool folio_maybe_mapped_shared(struct folio *folio)
{
	const int mapcount = folio_mapcount(folio);

	if (mapcount <= 1)
		return folio_test_large(folio) && !IS_ENABLED(CONFIG_MM_ID);
	if (!folio_test_large(folio))
		return true;
#ifdef CONFIG_MM_ID
	return test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);
#else
	return true;
#endif
}

static inline int folio_expected_ref_count(const struct folio *folio)
{
	const bool in_swap_cache = folio_test_swapcache(folio);
	const bool in_page_cache = !folio_test_anon(folio) && folio->mapping;

	return folio_mapcount(folio) + ((in_swap_cache + in_page_cache) << folio_order(folio));
}
