/* The deferred split queue. */

#ifdef CONFIG_TRANSPARENT_HUGEPAGE

void deferred_split_folio(struct folio *folio, bool partially_mapped)
{
	struct deferred_split *queue;

	if (folio_order(folio) < 2 || folio_test_swapcache(folio))
		return;
	queue = folio_split_queue_lock(folio);
	if (partially_mapped)
		set_bit(PG_partially_mapped, &folio->_flags_1);
	if (list_empty(&folio->_deferred_list)) {
		list_add_tail(&folio->_deferred_list, &queue->split_queue);
		queue->split_queue_len++;
	}
	split_queue_unlock(queue);
}

static void __split_folio_to_order(struct folio *folio, int old_order, int new_order)
{
	struct page *head = &folio->page;

	for (struct page *page = head + 1; page < head + (1 << old_order); page++) {
		VM_WARN_ON_ONCE(atomic_read(&page->_mapcount) != -1);
		VM_WARN_ON_ONCE(page->private);
		page->private = 0;
		page->mapping = folio->mapping;
		page->compound_head = 0;
	}
	head->flags &= ~(1ul << PG_head);
}

#endif
