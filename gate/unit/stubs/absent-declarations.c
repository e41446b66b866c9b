struct deferred_split {
	struct list_head split_queue;
	unsigned long split_queue_len;
};
enum node_stat_item { NR_ANON_MAPPED, NR_FILE_MAPPED, NR_ANON_THPS, NR_SHMEM_PMDMAPPED, NR_FILE_PMDMAPPED };
#define MMF_HAS_PINNED 27
#define folio_test_pmd_mappable(folio) (folio_order(folio) >= gate_hpage_pmd_order)
