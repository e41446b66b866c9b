/* The tree's LRU batches, with a way to the batches of a CPU. */
#include <mm/swap.c>
#include "harness.h"

/* Puts pages that wait in batches on the lists. The pointers that stay behind in empty batches are no state. */
void drain_batches(void)
{
	struct cpu_fbatches *batches = this_cpu_ptr(&cpu_fbatches);

	lru_add_drain();
	memset(batches, 0, sizeof(*batches));
}
