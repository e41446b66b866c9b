#define BLOCK_BEFORE ((int)(4096 / sizeof(struct page)))
#define BLOCK_EXPORT(name) __attribute__((export_name(#name), no_instrument_function))
/* Aligned, because a tail page may find its head by a mask; struct pages of no folio are before them. */
static struct page block_memmap[2 * BLOCK_BEFORE] __attribute__((aligned(4096)));
#define block_all_pages (block_memmap + BLOCK_BEFORE)
int gate_warning;
int gate_spinlocks;
long gate_stats[256];
int gate_other_statistic;
unsigned int gate_hpage_pmd_order = 9;
int block_buffer[BUFFER_size];
BLOCK_EXPORT(buffer_address) int buffer_address(void) { return (int)(unsigned long)block_buffer; }

static void block_write(int order, int compound)
{
	for (int i = 0; i < 1 << order; i++) {
		unsigned long *words = (unsigned long *)(block_all_pages + i);

		for (int w = 0; w < (int)(sizeof(struct page) / sizeof(unsigned long)); w++)
			words[w] = 0;
		atomic_set(&block_all_pages[i]._mapcount, -1);
	}
	if (compound)
		prep_compound_page(block_all_pages, order);
	for (int i = 0; i < 1 << order; i++) {
		if (block_buffer[BUFFER_private + i])
			block_all_pages[i].private = 1;
		if (block_buffer[BUFFER_mapcount + i] != -1)
			atomic_set(&block_all_pages[i]._mapcount, block_buffer[BUFFER_mapcount + i]);
	}
	gate_warning = 0;
}

static void block_read(int order, int refused)
{
	for (int i = 0; i < 1 << order; i++) {
		block_buffer[BUFFER_private + i] = block_all_pages[i].private != 0;
		block_buffer[BUFFER_mapcount + i] = atomic_read(&block_all_pages[i]._mapcount);
	}
	block_buffer[BUFFER_reported] = gate_warning || refused;
}
