/* Includes the tree's LRU batches, and exports functions that drain them. */
#define lru_add_drain_all tree_lru_add_drain_all
#include <mm/swap.c>
#undef lru_add_drain_all
#include "harness.h"

/* Moves pages from batches to the LRU lists. Stale pointers in empty batches would be part of the state. */
void drain_batches(void)
{
	struct cpu_fbatches *batches = this_cpu_ptr(&cpu_fbatches);

	lru_add_drain();
	memset(batches, 0, sizeof(*batches));
}

/* Other CPUs drain their batches at the end of their operations. The tree counts its calls, which would be state. */
void lru_add_drain_all(void) { lru_add_drain(); }
