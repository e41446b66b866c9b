/*
 * Includes the tree's swapfile.c, and switches on a swap device of ours with the tree's own swapon(2). What that reads
 * from files is provided here: a block device, and the header of its first page, which is larger than a frame.
 */
#include "harness.h"
#include "regions.h"
#include <linux/pagemap.h>
#include <linux/highmem.h>

static WORKSPACE union swap_header header;
static WORKSPACE struct folio header_folio;

#define read_mapping_folio(mapping, index, file) (&header_folio)
#define kmap_local_folio(folio, offset) ((void *)&header)
#include <mm/swapfile.c>
#undef read_mapping_folio
#undef kmap_local_folio

#include "swap_device.h"

void boot_swap(void)
{
	swapfile_init();
	INIT_LIST_HEAD(&init_mm.mmlist);
#ifdef IMAGE_HAS_SWAP_SPACE
	/* As swap_init() does, which also adds files to sysfs. */
	mapping_set_no_writeback_tags(&swap_space);
#endif
}

/*
 * Switches on the swap device.
 *
 * @slots: its pages
 * @synchronous: see boot_swap_device()
 */
EXPORT("swap_on") void image_swap_on(unsigned int slots, unsigned int synchronous)
{
	boot_swap_device(synchronous);
	memcpy(header.magic.magic, "SWAPSPACE2", 10);
	header.info.version = 1;
	/* The first slot is that of the header. */
	header.info.last_page = slots;
	folio_set_count(&header_folio, 2);
	if (sys_swapon(NULL, 0))
		image_fault("no-swap-device-at-boot");
	end_grace_period();
}

int swap_count_of(unsigned int slot)
{
	int count = __swap_count(swp_entry(0, slot));

#ifdef SWAP_MAP_SHMEM
	/* The page cache of a file has one entry, which is not counted. */
	if (count == SWAP_MAP_SHMEM)
		return 1;
#endif
	return count;
}
