/* Includes the tree's LRU batches, and exports a function that drains them. */
#include <mm/swap.c>
#include "harness.h"

/* Moves pages from batches to the LRU lists. Stale pointers in empty batches would be part of the state. */
void drain_batches(void)
{
	struct cpu_fbatches *batches = this_cpu_ptr(&cpu_fbatches);

	lru_add_drain();
	memset(batches, 0, sizeof(*batches));
}
