/* The tree's huge pages, with a way to the shrinker of the deferred-split queue. A kernel may be built without them. */
#include "harness.h"

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#include <mm/huge_memory.c>

unsigned long tree_deferred_split_scan(void)
{
	struct shrink_control control = { .gfp_mask = GFP_KERNEL, .nr_to_scan = 100 };

	return deferred_split_scan(NULL, &control);
}

/* Orders of new anonymous folios are chosen by each fault; no huge zero folio. */
void boot_huge_memory(void)
{
	struct pglist_data *node = NODE_DATA(0);

	transparent_hugepage_flags = 0;
	spin_lock_init(&node->deferred_split_queue.split_queue_lock);
	INIT_LIST_HEAD(&node->deferred_split_queue.split_queue);
}

void choose_anon_order(unsigned int order)
{
	huge_anon_orders_always = order ? BIT(order) : 0;
}
#else
unsigned long tree_deferred_split_scan(void)
{
	return SHRINK_STOP;
}

void boot_huge_memory(void)
{
}

void choose_anon_order(unsigned int order)
{
}
#endif
