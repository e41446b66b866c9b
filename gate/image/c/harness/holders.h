/*
 * Holders of pages: users of get_user_pages() and pin_user_pages(), such as drivers, which keep references to pages of a
 * process until they release them.
 */
#ifndef _IMAGE_HOLDERS_H
#define _IMAGE_HOLDERS_H

#include "harness.h"

#define IMAGE_HOLDERS 2
/* Most pages of a holder. */
#define HELD_PAGES 5

struct held_page {
	/* NULL for none. */
	struct page *page;
	/* The byte that the holder must read. */
	unsigned char expected;
	/*
	 * Page of the address space at which the process must find the page: a pinned one stays mapped until the process
	 * unmaps it. 0 for none.
	 */
	unsigned char at;
};

struct holder {
	/* The process whose pages they are; NULL if it has exited. */
	struct mm_struct *mm;
	/* Bits of enum gup. */
	unsigned int how;
	unsigned int count;
	struct held_page pages[HELD_PAGES];
};

/* How pages are taken. Must match gate/image/world/world-layout.ts. */
enum gup {
	/* FOLL_WRITE. */
	GUP_WRITE = 1,
	/* pin_user_pages() instead of get_user_pages(). */
	GUP_PIN = 2,
	/* FOLL_LONGTERM. */
	GUP_LONGTERM = 4,
	/* The variants that begin without a lock: get_user_pages_fast() and pin_user_pages_fast(). */
	GUP_FAST = 8,
};

extern struct holder image_holders[IMAGE_HOLDERS];

#define for_each_held_page(holder, held) \
	for ((holder) = image_holders; (holder) < image_holders + IMAGE_HOLDERS; (holder)++) \
		for ((held) = (holder)->pages; (held) < (holder)->pages + (holder)->count; (held)++)

/* The process gave up a range of pages: it need not find pinned ones there. */
void release_from_pages(struct mm_struct *mm, unsigned int page, unsigned int pages);
/* As above, where a page has no VMA. */
void release_from_holes(struct mm_struct *mm);
/* The process moved a page, and what it had there is gone. */
void move_held_pages(struct mm_struct *mm, unsigned int from, unsigned int to);
/* The process has exited. */
void forget_process_of_holders(struct mm_struct *mm);
/* A byte was written to a frame by a process, or through one of its pins. */
void held_page_written(struct mm_struct *mm, unsigned int frame, unsigned char byte);

/*
 * Subtracts the pages that were unpinned from NR_FOLL_PIN_ACQUIRED, and sets NR_FOLL_PIN_RELEASED to 0: only their
 * difference influences anything.
 */
void forget_pin_events(void);

#endif
