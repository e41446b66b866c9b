/* Adds and removes mappings: counts and statistics. */

static void account(struct folio *folio, int pages, int pmd_pages)
{
	const bool anon = folio_test_anon(folio);

	if (pages)
		__lruvec_stat_mod_folio(folio, anon ? NR_ANON_MAPPED : NR_FILE_MAPPED, pages);
	if (pmd_pages)
		__lruvec_stat_mod_folio(folio, anon ? NR_ANON_THPS : NR_FILE_PMDMAPPED, pmd_pages);
}

/* Adds mappings by PTEs; returns the number of pages that became mapped. */
static int add_ptes(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma)
{
	int became = 0, sum;

	if (!folio_test_large(folio))
		return atomic_inc_and_test(&folio->_mapcount);
	if (!IS_ENABLED(CONFIG_PAGE_MAPCOUNT))
		return folio_add_return_large_mapcount(folio, nr, vma) == nr ? folio_large_nr_pages(folio) : 0;
	for (int i = 0; i < nr; i++)
		became += atomic_inc_and_test(&page[i]._mapcount);
	sum = atomic_add_return(became, &folio->_nr_pages_mapped);
	folio_add_return_large_mapcount(folio, nr, vma);
	return sum < ENTIRELY_MAPPED ? became : 0;
}

static int add_pmd(struct folio *folio, struct vm_area_struct *vma, int *pmd_pages)
{
	const int all = folio_large_nr_pages(folio);
	const bool first = atomic_inc_and_test(&folio->_entire_mapcount);
	const int mapcount = folio_add_return_large_mapcount(folio, 1, vma);

	*pmd_pages = first ? all : 0;
	if (!IS_ENABLED(CONFIG_PAGE_MAPCOUNT))
		return mapcount == 1 ? all : 0;
	return first ? all + ENTIRELY_MAPPED - atomic_add_return(ENTIRELY_MAPPED, &folio->_nr_pages_mapped) : 0;
}

static void add_rmap(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma, enum map_level level)
{
	int pmd_pages = 0;
	const int pages = level == BY_PMD ? add_pmd(folio, vma, &pmd_pages) : add_ptes(folio, page, nr, vma);

	account(folio, pages, pmd_pages);
}

void folio_add_file_rmap_ptes(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma)
{
	add_rmap(folio, page, nr, vma, BY_PTES);
}

void folio_add_file_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	add_rmap(folio, page, folio_large_nr_pages(folio), vma, BY_PMD);
}

static void add_anon(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma, rmap_t flags,
		     enum map_level level)
{
	const int flagged = level == BY_PMD ? 1 : nr;

	VM_WARN_ON_ONCE(!folio_test_anon(folio));
	add_rmap(folio, page, nr, vma, level);
	if (flags & RMAP_EXCLUSIVE)
		for (int i = 0; i < flagged; i++)
			SetPageAnonExclusive(page + i);
	for (int i = 0; i < nr; i++) {
		const bool exclusive = PageAnonExclusive(page + i);

		VM_WARN_ON_ONCE(exclusive && folio_test_large(folio) && folio_entire_mapcount(folio) > 1);
		if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT) || !folio_test_large(folio))
			VM_WARN_ON_ONCE(exclusive && atomic_read(&page[i]._mapcount) > 0);
	}
}

void folio_add_anon_rmap_ptes(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma,
			      unsigned long address, rmap_t flags)
{
	add_anon(folio, page, nr, vma, flags, BY_PTES);
}

void folio_add_anon_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags)
{
	add_anon(folio, page, folio_large_nr_pages(folio), vma, flags, BY_PMD);
}

void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma, unsigned long address, rmap_t flags)
{
	struct page *page = &folio->page;
	const bool large = folio_test_large(folio), by_pmd = large && folio_test_pmd_mappable(folio);
	const int nr = large ? folio_large_nr_pages(folio) : 1;

	page->flags |= 1ul << PG_swapbacked;
	folio->mapping = (void *)((unsigned long)vma->anon_vma + FOLIO_MAPPING_ANON);
	folio->index = vma->vm_pgoff + ((address - vma->vm_start) >> PAGE_SHIFT);
	for (int i = 0; i < (by_pmd ? 1 : nr); i++) {
		if (!by_pmd && (!large || IS_ENABLED(CONFIG_PAGE_MAPCOUNT)))
			atomic_set(&page[i]._mapcount, 0);
		if (flags & RMAP_EXCLUSIVE)
			SetPageAnonExclusive(page + i);
	}
	if (large) {
		folio_set_large_mapcount(folio, by_pmd ? 1 : nr, vma);
		if (by_pmd)
			atomic_set(&folio->_entire_mapcount, 0);
		if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT))
			atomic_set(&folio->_nr_pages_mapped, by_pmd ? ENTIRELY_MAPPED : nr);
	}
	account(folio, nr, by_pmd ? nr : 0);
}

static void partially_unmapped(struct folio *folio)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	if (folio_test_anon(folio) && !test_bit(PG_partially_mapped, &folio->_flags_1))
		deferred_split_folio(folio, true);
#endif
}

void folio_remove_rmap_ptes(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma)
{
	int mapcount, gone = 0, left;

	if (!folio_test_large(folio)) {
		account(folio, -atomic_add_negative(-1, &folio->_mapcount), 0);
		return;
	}
	mapcount = folio_sub_return_large_mapcount(folio, nr, vma);
	if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT)) {
		for (int i = 0; i < nr; i++)
			gone += atomic_add_negative(-1, &page[i]._mapcount);
		left = atomic_add_return(-gone, &folio->_nr_pages_mapped);
		if (left >= ENTIRELY_MAPPED)
			gone = 0;
		if (gone && left)
			partially_unmapped(folio);
	} else if (mapcount) {
		if (mapcount < folio_large_nr_pages(folio) && !folio_entire_mapcount(folio))
			partially_unmapped(folio);
	} else {
		gone = folio_large_nr_pages(folio);
	}
	account(folio, -gone, 0);
}

void folio_remove_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	const int all = folio_large_nr_pages(folio);
	const int mapcount = folio_sub_return_large_mapcount(folio, 1, vma);
	const bool last = atomic_add_negative(-1, &folio->_entire_mapcount);
	int gone = 0;

	if (IS_ENABLED(CONFIG_PAGE_MAPCOUNT)) {
		if (last)
			gone = all - atomic_add_return(-ENTIRELY_MAPPED, &folio->_nr_pages_mapped);
		if (gone && gone < all)
			partially_unmapped(folio);
	} else if (mapcount) {
		if (last && mapcount < all)
			partially_unmapped(folio);
	} else {
		gone = all;
	}
	account(folio, -gone, last ? -all : 0);
}
