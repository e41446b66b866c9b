/**
 * The driver of the allocator's functions: C text of our own behind the unit. Before each call it writes the struct pages of a
 * block as the model has them, and reads private and the page type of each afterwards. What it exchanges with us is one array
 * of integers.
 */
import { DAMAGE } from "../../harness/damage.ts";

/** Most pages of a block: as many as have room in the exchange buffer. */
export const MOST_BLOCK_PAGES = 8;

/** Positions in the exchange buffer. */
export const BlockBox = {
  /** For each page, whether private is something else than 0. */
  private: 0,
  /** For each page, `_mapcount` as stored. */
  mapcount: 8,
  /** Whether the function warned, or refused the pages. */
  noticed: 16,
  size: 17,
} as const;

/** Functions of the tree that the driver calls. */
export interface AllocatorFunctions {
  /** `__free_pages_prepare` or `free_pages_prepare`, whichever does the work, and how many parameters it has. */
  readonly free: { readonly name: string; readonly parameters: number };
}

/** The driver for a tree, behind the macros that DAMAGE needs. */
export function blockDriver({ free }: AllocatorFunctions): string {
  const freeArguments = ["page", "order", ...Array.from({ length: free.parameters - 2 }, () => "0")].join(", ");
  return `
#define BOX_private ${BlockBox.private}
#define BOX_mapcount ${BlockBox.mapcount}
#define BOX_noticed ${BlockBox.noticed}
#define BLOCK_BEFORE ((int)(4096 / sizeof(struct page)))
#define BLOCK_EXPORT(name) __attribute__((export_name(#name), no_instrument_function))
/* Aligned, as a link to a head page may be a mask; and behind others, of no folio. */
static struct page block_memmap[2 * BLOCK_BEFORE] __attribute__((aligned(4096)));
#define block_all_pages (block_memmap + BLOCK_BEFORE)
int gate_warning;
int gate_spinlocks;
long gate_stats[256];
int gate_other_statistic;
unsigned int gate_hpage_pmd_order = 9;
int block_box[${BlockBox.size}];
BLOCK_EXPORT(box_address) int box_address(void) { return (int)(unsigned long)block_box; }

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
		if (block_box[BOX_private + i])
			block_all_pages[i].private = 1;
		if (block_box[BOX_mapcount + i] != -1)
			atomic_set(&block_all_pages[i]._mapcount, block_box[BOX_mapcount + i]);
	}
	gate_warning = 0;
}

static void block_read(int order, int refused)
{
	for (int i = 0; i < 1 << order; i++) {
		block_box[BOX_private + i] = block_all_pages[i].private != 0;
		block_box[BOX_mapcount + i] = atomic_read(&block_all_pages[i]._mapcount);
	}
	block_box[BOX_noticed] = gate_warning || refused;
}

${DAMAGE}
/* A block with nothing wrong but one struct page. */
static void block_write_damaged(int order, int damage, int page)
{
	for (int i = 0; i < 1 << order; i++) {
		block_box[BOX_private + i] = 0;
		block_box[BOX_mapcount + i] = -1;
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
	const bool taken = ${free.name}(${freeArguments});
	return gate_warning || !taken;
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
	block_read(order, !${free.name}(${freeArguments}));
}

BLOCK_EXPORT(split) void op_split(int order, int compound)
{
	block_write(order, 1);
	__split_folio_to_order((struct folio *)block_all_pages, order, 0);
	block_read(order, 0);
}
`;
}
