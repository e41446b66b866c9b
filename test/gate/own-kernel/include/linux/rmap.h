/* The owner slots of a large folio, and mappings that fork duplicates. */

typedef int rmap_t;
#define RMAP_NONE 0
#define RMAP_EXCLUSIVE 1

enum map_level { BY_PTES, BY_PMD };

#ifdef CONFIG_MM_ID

static inline mm_id_t owner_of(const struct folio *folio, int slot)
{
	return folio->_mm_id[slot] & MM_ID_MASK;
}

/* Returns the slot with an id, or a free slot for MM_ID_DUMMY; -1 if there is none. */
static inline int slot_with(const struct folio *folio, mm_id_t id)
{
	for (int slot = 0; slot < 2; slot++)
		if (owner_of(folio, slot) == id)
			return slot;
	return -1;
}

static inline void give_slot(struct folio *folio, int slot, mm_id_t id, int count)
{
	folio->_mm_id[slot] = (folio->_mm_id[slot] & ~MM_ID_MASK) | id;
	folio->_mm_id_mapcount[slot] = count - 1;
}

static inline void mark_shared(struct folio *folio, bool shared)
{
	if (shared)
		folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT;
	else
		folio->_mm_ids &= ~FOLIO_MM_IDS_SHARED_BIT;
}

static inline void lock_owners(struct folio *folio)
{
	bit_spin_lock(FOLIO_MM_IDS_LOCK_BITNUM, &folio->_mm_ids);
}

static inline void unlock_owners(struct folio *folio)
{
	__bit_spin_unlock(FOLIO_MM_IDS_LOCK_BITNUM, &folio->_mm_ids);
}

static inline void check_owners(const struct folio *folio, int diff, mm_id_t id)
{
	VM_WARN_ON_ONCE(!folio_test_large(folio));
	VM_WARN_ON_ONCE(diff < 1 || diff > folio_large_nr_pages(folio));
	VM_WARN_ON_ONCE(id < MM_ID_MIN || id > MM_ID_MAX);
	VM_WARN_ON_ONCE(folio_large_nr_pages(folio) - 1 > MM_ID_MAPCOUNT_MAX);
	for (int slot = 0; slot < 2; slot++) {
		if (owner_of(folio, slot) == MM_ID_DUMMY)
			VM_WARN_ON_ONCE(folio->_mm_id_mapcount[slot] != -1);
		else
			VM_WARN_ON_ONCE(folio->_mm_id_mapcount[slot] < 0);
	}
	VM_WARN_ON_ONCE(folio_mapcount(folio) < 1 && (folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT));
}

static inline void folio_set_large_mapcount(struct folio *folio, int mapcount, struct vm_area_struct *vma)
{
	const mm_id_t id = vma->vm_mm->mm_id;

	check_owners(folio, mapcount, id);
	VM_WARN_ON_ONCE(owner_of(folio, 0) || owner_of(folio, 1));
	atomic_set(&folio->_large_mapcount, mapcount - 1);
	give_slot(folio, 0, id, mapcount);
}

static inline int folio_add_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)
{
	const mm_id_t id = vma->vm_mm->mm_id;
	int mapcount, mine, free;

	lock_owners(folio);
	check_owners(folio, diff, id);
	mapcount = atomic_read(&folio->_large_mapcount) + diff;
	atomic_set(&folio->_large_mapcount, mapcount);
	mine = slot_with(folio, id);
	free = slot_with(folio, MM_ID_DUMMY);
	if (mine >= 0) {
		folio->_mm_id_mapcount[mine] += diff;
		if (!IS_ENABLED(CONFIG_64BIT) && folio->_mm_id_mapcount[mine] < 0) {
			give_slot(folio, mine, MM_ID_DUMMY, 0);
			mark_shared(folio, true);
		}
	} else if (free >= 0) {
		give_slot(folio, free, id, diff);
		if (mapcount != diff - 1)
			mark_shared(folio, true);
	}
	unlock_owners(folio);
	return mapcount + 1;
}

static inline int folio_sub_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)
{
	const mm_id_t id = vma->vm_mm->mm_id;
	bool keeps = false;
	int mapcount, mine;

	lock_owners(folio);
	check_owners(folio, diff, id);
	mapcount = atomic_read(&folio->_large_mapcount) - diff;
	atomic_set(&folio->_large_mapcount, mapcount);
	mine = slot_with(folio, id);
	if (mine >= 0) {
		const int left = folio->_mm_id_mapcount[mine] - diff;

		keeps = left >= 0;
		give_slot(folio, mine, keeps ? id : MM_ID_DUMMY, keeps ? left + 1 : 0);
	}
	if (!keeps && (folio->_mm_id_mapcount[0] == mapcount || folio->_mm_id_mapcount[1] == mapcount))
		mark_shared(folio, false);
	unlock_owners(folio);
	return mapcount + 1;
}

#else

static inline void folio_set_large_mapcount(struct folio *folio, int mapcount, struct vm_area_struct *vma)
{
	atomic_set(&folio->_large_mapcount, mapcount - 1);
}

static inline int folio_add_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)
{
	atomic_add(diff, &folio->_large_mapcount);
	return folio_large_mapcount(folio);
}

static inline int folio_sub_return_large_mapcount(struct folio *folio, int diff, struct vm_area_struct *vma)
{
	atomic_sub(diff, &folio->_large_mapcount);
	return folio_large_mapcount(folio);
}

#endif

static inline void raise_mapcounts(struct folio *folio, struct page *page, int nr, struct vm_area_struct *vma,
				   enum map_level level)
{
	if (level == BY_PMD) {
		atomic_inc(&folio->_entire_mapcount);
		folio_add_return_large_mapcount(folio, 1, vma);
		return;
	}
	if (!folio_test_large(folio)) {
		atomic_inc(&folio->_mapcount);
		return;
	}
	for (int i = 0; i < nr && IS_ENABLED(CONFIG_PAGE_MAPCOUNT); i++)
		atomic_inc(&page[i]._mapcount);
	folio_add_return_large_mapcount(folio, nr, vma);
}

static inline void folio_dup_file_rmap_ptes(struct folio *folio, struct page *page, int nr, struct vm_area_struct *dst)
{
	raise_mapcounts(folio, page, nr, dst, BY_PTES);
}

static inline void folio_dup_file_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *dst)
{
	raise_mapcounts(folio, page, 1, dst, BY_PTES);
}

static inline int dup_anon(struct folio *folio, struct page *page, int nr, struct vm_area_struct *dst,
			   struct vm_area_struct *src, enum map_level level)
{
	const int flagged = level == BY_PMD ? 1 : nr;

	if (folio_needs_cow_for_dma(src, folio))
		for (int i = 0; i < flagged; i++)
			if (PageAnonExclusive(page + i))
				return -EBUSY;
	for (int i = 0; i < flagged; i++)
		ClearPageAnonExclusive(page + i);
	raise_mapcounts(folio, page, nr, dst, level);
	return 0;
}

static inline int folio_try_dup_anon_rmap_ptes(struct folio *folio, struct page *page, int nr,
					       struct vm_area_struct *dst, struct vm_area_struct *src)
{
	return dup_anon(folio, page, nr, dst, src, BY_PTES);
}

static inline int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *dst,
					      struct vm_area_struct *src)
{
	return dup_anon(folio, page, 1, dst, src, BY_PTES);
}

static inline int share_anon(struct folio *folio, struct page *page)
{
	VM_WARN_ON_ONCE(!PageAnonExclusive(page));
	/* The entry is cleared before pins are counted: GUP-fast pins, and then reads the entry again. */
	smp_mb();
	if (folio_maybe_dma_pinned(folio))
		return -EBUSY;
	ClearPageAnonExclusive(page);
	smp_mb__after_atomic();
	return 0;
}

static inline int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page)
{
	return share_anon(folio, page);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE

static inline void folio_dup_file_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *dst)
{
	raise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);
}

static inline int folio_try_dup_anon_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *dst,
					      struct vm_area_struct *src)
{
	return dup_anon(folio, page, HPAGE_PMD_NR, dst, src, BY_PMD);
}

static inline int folio_try_share_anon_rmap_pmd(struct folio *folio, struct page *page)
{
	return share_anon(folio, page);
}

#endif
