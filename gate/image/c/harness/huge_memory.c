/*
 * Includes the tree's huge_memory.c, and exports the shrinker of the deferred-split queue. A kernel may be built
 * without it.
 */
#include "harness.h"
#include "files.h"

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#include <mm/huge_memory.c>

/* Folios that fail to split are queued again: each is tried a few times. */
unsigned long tree_deferred_split_scan(void)
{
	struct shrink_control control = { .gfp_mask = GFP_KERNEL, .nr_to_scan = 16 };

	return deferred_split_scan(NULL, &control);
}

/* Each fault sets the order of new anonymous folios. There is no huge zero folio. */
void boot_huge_memory(void)
{
	struct pglist_data *node = NODE_DATA(0);

	transparent_hugepage_flags = 0;
	spin_lock_init(&node->deferred_split_queue.split_queue_lock);
	INIT_LIST_HEAD(&node->deferred_split_queue.split_queue);
}

/* By CPU; 0 between operations. */
static unsigned int anon_orders[IMAGE_CPUS];

void apply_anon_order(void)
{
	unsigned int order = anon_orders[image_cpu];

	huge_anon_orders_always = order ? BIT(order) : 0;
	choose_shmem_order(order);
}

void choose_anon_order(unsigned int order)
{
	anon_orders[image_cpu] = order;
	apply_anon_order();
}

void tree_huge_statistics(unsigned int order, int *anon, int *partially_mapped)
{
	*anon = sum_mthp_stat(order, MTHP_STAT_NR_ANON);
	*partially_mapped = sum_mthp_stat(order, MTHP_STAT_NR_ANON_PARTIALLY_MAPPED);
}

int tree_queue_length(void) { return NODE_DATA(0)->deferred_split_queue.split_queue_len; }

void forget_huge_events(void)
{
	struct mthp_stat *all = this_cpu_ptr(&mthp_stats), *first = per_cpu_ptr(&mthp_stats, 0);
	unsigned int order;

	for (order = 0; order < IMAGE_ORDERS; order++) {
		unsigned long *stats = all->stats[order], *sums = first->stats[order];
		unsigned long anon = stats[MTHP_STAT_NR_ANON],
			      partially_mapped = stats[MTHP_STAT_NR_ANON_PARTIALLY_MAPPED];

		memset(stats, 0, sizeof(all->stats[order]));
		sums[MTHP_STAT_NR_ANON] += anon;
		sums[MTHP_STAT_NR_ANON_PARTIALLY_MAPPED] += partially_mapped;
	}
}
#else
unsigned long tree_deferred_split_scan(void) { return SHRINK_STOP; }

void boot_huge_memory(void) {}

void choose_anon_order(unsigned int order) {}

void apply_anon_order(void) {}

void tree_huge_statistics(unsigned int order, int *anon, int *partially_mapped) { *anon = *partially_mapped = 0; }

int tree_queue_length(void) { return 0; }

void forget_huge_events(void) {}
#endif
