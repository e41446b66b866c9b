/* The file in the world that claims read. Must match gate/image/world/world-layout.ts. */
#ifndef _IMAGE_WORLD_FILE_H
#define _IMAGE_WORLD_FILE_H

#include "files.h"

/* A page of the file. */
struct world_file_page {
	/* Frame of the page that the page cache has for it; -1 for none. */
	int frame;
	/* The swap slot instead; 0 for none. */
	int slot;
	/* The byte that a process must read through a shared mapping, and the one that it would read. */
	int expected;
	int actual;
	/* Whether it was written to, and nothing marks it as dirty: see image_file_undirty. */
	int undirty;
};

struct world_file {
	/* Pages up to the end of the file. */
	int pages;
	/* Pages in the page cache: nrpages of the mapping. */
	int cached;
	/* Of the inode: pages that are in the page cache or on the swap device, the latter, and i_blocks in pages. */
	int allocated;
	int swapped;
	int blocks;
	/* References to the file but that of the harness, and VMAs that map it. */
	int references;
	int vmas;
	/* Shared mappings that may write, according to the mapping, and the VMAs. */
	int writable;
	int writable_vmas;
	/* NR_FILE_PAGES without NR_SWAPCACHE, NR_SHMEM, NR_SHMEM_THPS and NR_SHMEM_PMDMAPPED in pages. */
	int file_pages;
	int shmem;
	int shmem_huge;
	int shmem_pmd_mapped;
	struct world_file_page page[FILE_PAGES];
};

/* Reads the file; all is 0 if there is none. */
void read_world_file(struct world_file *out);

#endif
