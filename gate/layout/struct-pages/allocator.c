/* Writes a block in which one struct page is damaged. */
static void block_write_damaged(int order, int damage, int page)
{
	for (int i = 0; i < 1 << order; i++) {
		block_buffer[BUFFER_private + i] = 0;
		block_buffer[BUFFER_mapcount + i] = -1;
	}
	block_write(order, order > 0);
	gate_damage(block_all_pages, page, damage);
	gate_warning = 0;
}

BLOCK_EXPORT(warned) int block_warned(void) { return gate_warning; }

BLOCK_EXPORT(free_damaged) int op_free_damaged(int order, int damage, int damaged)
{
	struct page *page = block_all_pages;

	block_write_damaged(order, damage, damaged);
	const bool accepted = BLOCK_FREE(page, order);
	return gate_warning || !accepted;
}

BLOCK_EXPORT(split_damaged) int op_split_damaged(int order, int damage, int damaged)
{
	block_write_damaged(order, damage, damaged);
	__split_folio_to_order((struct folio *)block_all_pages, order, 0);
	return gate_warning != 0;
}

BLOCK_EXPORT(alloc) void op_alloc(int order, int compound)
{
	block_write(order, 0);
	post_alloc_hook(block_all_pages, order, 0);
	block_read(order, 0);
}

BLOCK_EXPORT(make_compound) void op_make_compound(int order, int compound)
{
	block_write(order, 0);
	prep_compound_page(block_all_pages, order);
	block_read(order, 0);
}

BLOCK_EXPORT(free) void op_free(int order, int compound)
{
	struct page *page = block_all_pages;

	block_write(order, compound);
	block_read(order, !BLOCK_FREE(page, order));
}

BLOCK_EXPORT(split) void op_split(int order, int compound)
{
	block_write(order, 1);
	__split_folio_to_order((struct folio *)block_all_pages, order, 0);
	block_read(order, 0);
}
