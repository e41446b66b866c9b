static __attribute__((noinline, no_instrument_function)) void gate_fill_page(struct page *page, unsigned long word)
{
	for (int i = 0; i < (int)(sizeof(struct page) / sizeof(word)); i++)
		((unsigned long *)page)[i] = word;
}

static __attribute__((noinline, no_instrument_function)) void gate_damage(struct page *head, int damaged, int damage)
{
	struct page *page = head + damaged;

	switch (damage) {
	case DAMAGE_mapping:
		page->mapping = (struct address_space *)0x40;
		break;
	case DAMAGE_notTail:
		GATE_UNLINK_TAIL(page);
		break;
	case DAMAGE_otherHead:
		GATE_LINK_TAIL(page, head - 1, 0);
		break;
	case DAMAGE_refcount:
		atomic_set(&page->_refcount, 1);
		break;
	case DAMAGE_locked:
		*(unsigned long *)&page->flags |= 1UL << PG_locked;
		break;
	case DAMAGE_private:
		page->private = 1;
		break;
	case DAMAGE_pageType:
		atomic_set(&page->_mapcount, GATE_PGTY_TABLE);
		break;
	case DAMAGE_poisoned:
		gate_fill_page(page, ~0UL);
		break;
	case DAMAGE_zeroed:
		gate_fill_page(page, 0);
		break;
	case DAMAGE_notPrepared:
		gate_fill_page(page, 0);
		atomic_set(&page->_mapcount, -1);
		break;
	case DAMAGE_onlyPrepared:
		*(unsigned long *)&page->flags = ~0UL;
		atomic_set(&page->_refcount, -1);
		break;
	}
}
