static __attribute__((always_inline, no_instrument_function)) inline bool gate_same(const void *one, const void *other,
										    int bytes)
{
	const unsigned long *left = one, *right = other;
	unsigned long differing = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < bytes / (int)sizeof(*left); i++)
		differing |= left[i] ^ right[i];
	return differing == 0;
}

static __attribute__((always_inline, no_instrument_function)) inline bool gate_is_poisoned(const struct page *from,
											   int nr)
{
	const unsigned long *words = (const unsigned long *)from;
	unsigned long differing = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < GATE_LONGS * nr; i++)
		differing |= words[i] ^ GATE_POISON;
	return differing == 0;
}

GATE_HERE int gate_outside(void)
{
	const int nr = gate_pages();
	unsigned long null = 0;

	for (int i = 0; i < 2; i++) {
		const int number = gate_passed[i] - 1;

		if (number < 0)
			continue;
		if (!gate_same(gate_mm + number, gate_saved_mm + i, sizeof(struct mm_struct))) {
			gate_copy(gate_mm + number, gate_saved_mm + i, sizeof(struct mm_struct));
			return OUTSIDE_mm;
		}
		if (!gate_same(gate_vma + number, gate_saved_vma + i, sizeof(struct vm_area_struct))) {
			gate_copy(gate_vma + number, gate_saved_vma + i, sizeof(struct vm_area_struct));
			return OUTSIDE_vma;
		}
		if (!gate_same(&gate_anon_vma, &gate_saved_anon_vma, sizeof(struct anon_vma))) {
			gate_copy(&gate_anon_vma, &gate_saved_anon_vma, sizeof(struct anon_vma));
			return OUTSIDE_anonVma;
		}
	}
	if (gate_spinlocks)
		return OUTSIDE_spinlock;
	if (gate_stats[NR_SHMEM_PMDMAPPED]) {
		gate_stats[NR_SHMEM_PMDMAPPED] = 0;
		return GATE_OTHER_STATISTIC + NR_SHMEM_PMDMAPPED;
	}
	if (gate_other_statistic)
		return GATE_OTHER_STATISTIC + gate_other_statistic - 1;
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	struct list_head *const queue = &gate_deferred_split.split_queue;
	struct folio *const folio = (struct folio *)gate_memmap;
	const bool listed = nr > 2 && !list_empty(&folio->_deferred_list);

	if (queue->next != (listed ? &folio->_deferred_list : queue) || queue->prev != queue->next ||
	    gate_deferred_split.split_queue_len != listed)
		return OUTSIDE_splitQueue;
#endif
	if (!gate_is_poisoned(gate_memmap + nr, GATE_BEHIND) || !gate_is_poisoned(gate_memmap - 1, 1)) {
		gate_unpoisoned = GATE_MOST_PAGES + GATE_BEHIND;
		return OUTSIDE_neighbour;
	}
#pragma clang loop unroll(full)
	for (int i = 0; i < 16; i++)
		null |= gate_null[i];
	if (null) {
		for (int i = 0; i < 16; i++)
			gate_null[i] = 0;
		return OUTSIDE_null;
	}
	return 0;
}
