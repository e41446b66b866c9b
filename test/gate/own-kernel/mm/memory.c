/* Write faults. */

#ifdef CONFIG_TRANSPARENT_HUGEPAGE

static bool only_mappings_refer_to(struct folio *folio)
{
	return folio_large_mapcount(folio) == folio_ref_count(folio) && !test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);
}

static bool __wp_can_reuse_large_anon_folio(struct folio *folio, struct vm_area_struct *vma)
{
	bool reuse = false;

	if (folio_large_mapcount(folio) < 2 || test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids))
		return false;
	if (folio_test_swapcache(folio)) {
		if (page_flag(&folio->page, PG_locked))
			return false;
		folio_free_swap(folio);
	}
	if (!only_mappings_refer_to(folio))
		return false;
	lock_owners(folio);
	if (only_mappings_refer_to(folio)) {
		VM_WARN_ON_ONCE(folio_large_mapcount(folio) > folio_large_nr_pages(folio));
		VM_WARN_ON_ONCE(folio_entire_mapcount(folio));
		VM_WARN_ON_ONCE(slot_with(folio, vma->vm_mm->mm_id) < 0);
		reuse = true;
	}
	unlock_owners(folio);
	return reuse;
}

#endif
