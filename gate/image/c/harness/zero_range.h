/* Zeroing of a range of a folio: only FRAME_BYTES of a page exist. To be included before files of the tree. */
#ifndef _IMAGE_ZERO_RANGE_H
#define _IMAGE_ZERO_RANGE_H

#include <linux/highmem.h>

/* @start and @length: in bytes of the kernel. Both are multiples of PAGE_SIZE: files end between pages. */
static inline void zero_pages_of(struct folio *folio, size_t start, size_t length)
{
	memset(folio_address(folio) + FRAME_BYTES * (start >> PAGE_SHIFT), 0, FRAME_BYTES * (length >> PAGE_SHIFT));
}

#define folio_zero_range(folio, start, length) zero_pages_of(folio, start, length)

#endif
