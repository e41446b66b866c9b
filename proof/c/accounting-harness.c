/*
 * The harness of a proof of rmap accounting, behind harness.c: it writes and reads what the statistics depend on, and
 * calls the rmap functions of the tree.
 */

/* The PMD-mapped statistic of file folios, and the other one: those of shmem count in one of their own. */
#define PROOF_IS_SHMEM (GATE_FLAG(gate_memmap, PG_swapbacked) != 0)
#define PROOF_FILE_PMDMAPPED (PROOF_IS_SHMEM ? NR_SHMEM_PMDMAPPED : NR_FILE_PMDMAPPED)
#define PROOF_OTHER_PMDMAPPED (PROOF_IS_SHMEM ? NR_FILE_PMDMAPPED : NR_SHMEM_PMDMAPPED)

/* Whether a statistic has a value that PROOF_READ() would cut off. */
#define PROOF_IS_CUT_OFF(item) (gate_stats[item] != (int)gate_stats[item])

/* Makes a struct page one of the tail pages of the folio. */
PROOF(void, link, int page, int order) { GATE_LINK_TAIL(gate_memmap + page, gate_memmap, order); }

/* Writes the values that owner tracking has no use for, to a folio that load() made. */
PROOF(void, load_accounting, int order, int pmd_order, int entire_mapcount, int anon, int swapcache, int shmem,
      int partially_mapped, int queued, int anon_mapped, int file_mapped, int anon_thps, int file_pmdmapped)
{
	struct folio *const folio = proof_folio();

	gate_quiet = 1;
#pragma clang loop unroll(full)
	for (int i = 2; i < GATE_MOST_PAGES; i++)
		GATE_LINK_TAIL(gate_memmap + i, gate_memmap, order);
	gate_hpage_pmd_order = pmd_order;
	atomic_set(&folio->_entire_mapcount, entire_mapcount);
	atomic_set(&gate_anon_vma.refcount, 1);
	folio->mapping = anon ? (struct address_space *)((unsigned long)&gate_anon_vma + FOLIO_MAPPING_ANON)
			      : (struct address_space *)gate_mapping;
	GATE_SET_FLAG(gate_memmap, PG_swapbacked, anon || shmem);
	GATE_SET_FLAG(gate_memmap, PG_swapcache, swapcache);
	GATE_SET_FLAG(gate_memmap + 1, PG_partially_mapped, partially_mapped);
	INIT_LIST_HEAD(&gate_deferred_split.split_queue);
	INIT_LIST_HEAD(&folio->_deferred_list);
	if (queued)
		list_add_tail(&folio->_deferred_list, &gate_deferred_split.split_queue);
	gate_deferred_split.split_queue_len = queued;
	gate_stats[NR_SHMEM_PMDMAPPED] = 0;
	gate_stats[NR_FILE_PMDMAPPED] = 0;
	gate_stats[NR_ANON_MAPPED] = anon_mapped;
	gate_stats[NR_FILE_MAPPED] = file_mapped;
	gate_stats[NR_ANON_THPS] = anon_thps;
	gate_stats[PROOF_FILE_PMDMAPPED] = file_pmdmapped;
	gate_other_statistic = 0;
	gate_warning = 0;
	gate_spinlocks = 0;
	gate_quiet = 0;
}

/* The last argument of __folio_add_rmap() is PGTABLE_LEVEL_PTE or PGTABLE_LEVEL_PMD, up to 6.18 RMAP_LEVEL_PTE or _PMD. */
PROOF(void, add_ptes, int page, int mappings, unsigned int mm_id)
{
	__folio_add_rmap(proof_folio(), gate_memmap + page, mappings, proof_vma(mm_id), 0);
}

PROOF(void, add_pmd, int page, int mappings, unsigned int mm_id)
{
	__folio_add_rmap(proof_folio(), gate_memmap, HPAGE_PMD_NR, proof_vma(mm_id), 1);
}

PROOF(void, remove_ptes, int page, int mappings, unsigned int mm_id)
{
	folio_remove_rmap_ptes(proof_folio(), gate_memmap + page, mappings, proof_vma(mm_id));
}

PROOF(void, remove_pmd, int page, int mappings, unsigned int mm_id)
{
	folio_remove_rmap_pmd(proof_folio(), gate_memmap, proof_vma(mm_id));
}

PROOF_READ(entire_mapcount, atomic_read(&folio->_entire_mapcount))
PROOF_READ(anon, folio_test_anon(folio))
PROOF_READ(swapcache, GATE_FLAG(gate_memmap, PG_swapcache) != 0)
PROOF_READ(partially_mapped, GATE_FLAG(gate_memmap + 1, PG_partially_mapped) != 0)
PROOF_READ(queued, folio_order(folio) > 1 && !list_empty(&folio->_deferred_list))
PROOF_READ(nr_anon_mapped, gate_stats[NR_ANON_MAPPED])
PROOF_READ(nr_file_mapped, gate_stats[NR_FILE_MAPPED])
PROOF_READ(nr_anon_thps, gate_stats[NR_ANON_THPS])
PROOF_READ(nr_file_pmdmapped, gate_stats[PROOF_FILE_PMDMAPPED])
/* Whether anything else changed: another statistic, or a spinlock that stays held. */
PROOF_READ(others, gate_other_statistic != 0 || gate_stats[PROOF_OTHER_PMDMAPPED] != 0 || gate_spinlocks != 0 ||
			   PROOF_IS_CUT_OFF(NR_ANON_MAPPED) || PROOF_IS_CUT_OFF(NR_FILE_MAPPED) ||
			   PROOF_IS_CUT_OFF(NR_ANON_THPS) || PROOF_IS_CUT_OFF(PROOF_FILE_PMDMAPPED))
/* The struct pages: their address, the bytes of one, and how many there are. */
PROOF_READ(pages_address, (unsigned long)gate_memmap)
PROOF_READ(page_bytes, sizeof(struct page))
PROOF_READ(pages_present, GATE_MOST_PAGES)
