/* The tree's huge pages, with a way to the shrinker of the deferred-split queue. */
#include <mm/huge_memory.c>
#include "harness.h"

unsigned long tree_deferred_split_scan(void)
{
	struct shrink_control control = { .gfp_mask = GFP_KERNEL, .nr_to_scan = 100 };

	return deferred_split_scan(NULL, &control);
}

/* Orders of new anonymous folios are chosen by each fault; no huge zero folio. */
void boot_huge_memory(void)
{
	transparent_hugepage_flags = 0;
}
