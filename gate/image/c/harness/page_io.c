/* Includes the tree's page_io.c. A frame has FRAME_BYTES, also where it looks for pages without contents. */
#include "harness.h"
#include <linux/kernel_stat.h>
#include <linux/gfp.h>
#include <linux/pagemap.h>
#include <linux/bio.h>
#include <linux/writeback.h>
#include <linux/blkdev.h>
#include <linux/psi.h>
#include <linux/uio.h>
#include <linux/sched/task.h>
#include <linux/delayacct.h>
#include <linux/zswap.h>

static void clear_folio(struct folio *folio) { memset(folio_address(folio), 0, FRAME_BYTES * folio_nr_pages(folio)); }

#undef PAGE_SIZE
#define PAGE_SIZE FRAME_BYTES
#define folio_zero_range(folio, start, length) clear_folio(folio)
#include <mm/page_io.c>
