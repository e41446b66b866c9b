/* Operations on pages of a process through references: get_user_pages() and pin_user_pages(), and their release. */
#include "holders.h"
#include "operation.h"
#include "contents.h"

struct holder image_holders[IMAGE_HOLDERS];

/* More than any holder has: what is written beyond the requested pages must not damage anything else. */
#define ARRAY_PAGES 16

/* Returns the first free holder; NULL if there are as many as allowed. */
static struct holder *free_holder(unsigned int most)
{
	struct holder *holder = image_holders;

	while (holder < image_holders + most && holder->count)
		holder++;
	return holder < image_holders + most ? holder : NULL;
}

static bool maps(struct mm_struct *mm, unsigned int page, struct page *mapped)
{
	bool huge;

	return is_present_entry(entry_at(mm, ADDRESS(page), &huge)) &&
	       frame_at(mm, ADDRESS(page)) == page_to_pfn(mapped);
}

/* Returns the number of pages from the start of a range that the process has a right to. */
static unsigned int permitted_pages(struct mm_struct *mm, unsigned int page, unsigned int pages, unsigned int how)
{
	unsigned long right = how & GUP_WRITE ? VM_WRITE : VM_READ;
	unsigned int i;

	for (i = 0; i < pages; i++) {
		struct vm_area_struct *vma = vma_lookup(mm, ADDRESS(page + i));

		if (!vma || !(vma->vm_flags & right))
			break;
	}
	return i;
}

static void release(struct page **pages, unsigned int count, unsigned int how)
{
	unsigned int i;

	if (how & GUP_PIN) {
		unpin_user_pages_dirty_lock(pages, count, how & GUP_WRITE);
		return;
	}
	for (i = 0; i < count; i++)
		put_page(pages[i]);
}

static long take(struct mm_struct *mm, unsigned int page, unsigned int pages, unsigned int how, struct page **taken)
{
	unsigned int flags = (how & GUP_WRITE ? FOLL_WRITE : 0) | (how & GUP_LONGTERM ? FOLL_LONGTERM : 0);
	long count;

	if (how & GUP_FAST)
		return how & GUP_PIN ? pin_user_pages_fast(ADDRESS(page), pages, flags, taken)
				     : get_user_pages_fast(ADDRESS(page), pages, flags, taken);
	mmap_read_lock(mm);
	count = how & GUP_PIN ? pin_user_pages(ADDRESS(page), pages, flags, taken)
			      : get_user_pages(ADDRESS(page), pages, flags, taken);
	mmap_read_unlock(mm);
	return count;
}

/* In a race, another CPU may unmap the pages, or change rights, at any time. */
static void check_taken(struct mm_struct *mm, unsigned int page, unsigned int pages, unsigned int how,
			struct page **taken, long count)
{
	unsigned int permitted = permitted_pages(mm, page, pages, how), i;

	if (count > (long)permitted)
		image_report("pages-taken-without-right");
	else if (permitted && count < (long)permitted)
		image_report("pages-not-taken");
	for (i = 0; (long)i < count; i++)
		if (!maps(mm, page + i, taken[i]))
			image_report("other-page-taken");
}

static void hold(struct holder *holder, struct mm_struct *mm, unsigned int page, unsigned int how, struct page **taken,
		 unsigned int count)
{
	unsigned int i;

	/* The variants lead to equal states. */
	holder->how = how & (GUP_WRITE | GUP_PIN);
	holder->mm = mm;
	holder->count = count;
	for (i = 0; i < count; i++) {
		unsigned int frame = page_to_pfn(taken[i]);

		holder->pages[i] = (struct held_page){ .page = taken[i], .expected = image_frames[frame][0] };
		/* The zero page has no pins, and the process may replace it. */
		if ((how & GUP_PIN) && frame >= IMAGE_FIRST_FRAME && maps(mm, page + i, taken[i]))
			holder->pages[i].at = page + i;
	}
}

/*
 * Takes references to the pages of a range, for a holder.
 *
 * @how: bits of enum gup
 * @most: maximum number of holders
 */
EXPORT("gup")
int image_gup(unsigned int number, unsigned int page, unsigned int pages, unsigned int how, unsigned int most)
{
	struct page *taken[ARRAY_PAGES] = {};
	struct mm_struct *mm = begin(number);
	struct holder *holder;
	unsigned int i;
	long count;

	if (!mm || !free_holder(most))
		return DISABLED;
	count = take(mm, page, pages, how, taken);
	for (i = pages; i < ARRAY_PAGES; i++)
		if (taken[i])
			image_fault("pages-beyond-request");
	if (!image_races)
		check_taken(mm, page, pages, how, taken, count);
	holder = free_holder(most);
	if (count > 0 && holder)
		hold(holder, mm, page, how, taken, count);
	else if (count > 0)
		/* The other CPU took pages for the last holder. */
		release(taken, count, how);
	return end(count < 0);
}

/* A holder releases its pages. Those that it may have written to become dirty. */
EXPORT("put_user_pages") int image_put_user_pages(unsigned int number)
{
	struct holder holder = image_holders[number];
	struct page *pages[HELD_PAGES];
	unsigned int i;

	if (!holder.count)
		return DISABLED;
	for (i = 0; i < holder.count; i++)
		pages[i] = holder.pages[i].page;
	memset(image_holders + number, 0, sizeof(holder));
	release(pages, holder.count, holder.how);
	/* A page that the process gave up may be free. */
	for (i = 0; i < holder.count && !image_races; i++)
		if ((holder.how & GUP_WRITE) && holder.pages[i].at && !folio_test_dirty(page_folio(pages[i])))
			image_report("unpinned-page-clean");
	return end(0);
}

/* Writes to the pages of a holder that pinned them for that, as a device does. */
EXPORT("device_write") int image_device_write(unsigned int number)
{
	struct holder *holder = image_holders + number;
	unsigned int i;

	if (!holder->count || holder->how != (GUP_PIN | GUP_WRITE))
		return DISABLED;
	for (i = 0; i < holder->count; i++)
		store_byte_to_held(holder->mm, holder->pages + i);
	return end(0);
}

void release_from_pages(struct mm_struct *mm, unsigned int page, unsigned int pages)
{
	struct held_page *held;
	struct holder *holder;

	for_each_held_page(holder, held) if (holder->mm == mm && held->at >= page && held->at < page + pages)
		held->at = 0;
}

void release_from_holes(struct mm_struct *mm)
{
	struct held_page *held;
	struct holder *holder;

	for_each_held_page(holder, held) if (holder->mm == mm && held->at && !vma_lookup(mm, ADDRESS(held->at)))
		held->at = 0;
}

void move_held_pages(struct mm_struct *mm, unsigned int from, unsigned int to)
{
	struct held_page *held;
	struct holder *holder;

	release_from_pages(mm, to, 1);
	for_each_held_page(holder, held) if (holder->mm == mm && held->at == from) held->at = to;
}

void forget_process_of_holders(struct mm_struct *mm)
{
	unsigned int i;

	for (i = 0; i < IMAGE_HOLDERS; i++)
		if (image_holders[i].mm == mm)
			image_holders[i].mm = NULL;
}

void held_page_written(struct mm_struct *mm, unsigned int frame, unsigned char byte)
{
	struct held_page *held;
	struct holder *holder;

	for_each_held_page(holder, held) if (holder->mm == mm && held->page == image_pages + frame)
		held->expected = byte;
}

/* Counters of one CPU: plain accesses, between which no other one runs. */
static void subtract_events(enum node_stat_item item, long number)
{
	contig_page_data.vm_stat[item].counter -= number;
	vm_node_stat[item].counter -= number;
}

void forget_pin_events(void)
{
	long released = vm_node_stat[NR_FOLL_PIN_RELEASED].counter;

	subtract_events(NR_FOLL_PIN_ACQUIRED, released);
	subtract_events(NR_FOLL_PIN_RELEASED, released);
}
