/*
 * The file, its mappings, and operations on it. Its pages are mapped at fixed places: a shared mapping, a private one, or
 * both.
 */
#include "files.h"
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/falloc.h>
#include <linux/shmem_fs.h>
#include "contents.h"
#include "operation.h"

struct file *image_file;
unsigned char image_file_expected[FILE_PAGES];
unsigned char image_file_undirty[FILE_PAGES];

/* First pages of the mappings; 0 for none. */
static unsigned int shared_at, private_at;

static struct inode *inode_of_file(void) { return file_inode(image_file); }

static void map_at(unsigned int page, unsigned long how)
{
	unsigned long populate;

	if (do_mmap(image_file, ADDRESS(page), ADDRESS(FILE_PAGES), PROT_READ | PROT_WRITE, how | MAP_FIXED, 0, 0,
		    &populate, NULL) != ADDRESS(page))
		image_fault("no-vma-at-boot");
}

/*
 * Creates the file, and maps it in the first process.
 *
 * @shared and @private: first pages of these mappings; 0 for none
 */
EXPORT("map_file") void image_map_file(unsigned int shared, unsigned int private)
{
	struct mm_struct *mm = image_mms[0];

	radix_tree_init();
	image_file = create_file(ADDRESS(FILE_PAGES));
	current->mm = current->active_mm = mm;
	down_write(&mm->mmap_lock);
	if (shared)
		map_at(shared, MAP_SHARED);
	if (private)
		map_at(private, MAP_PRIVATE);
	up_write(&mm->mmap_lock);
	current->mm = current->active_mm = NULL;
	shared_at = shared;
	private_at = private;
	end_grace_period();
}

int file_pages(void) { return i_size_read(inode_of_file()) >> PAGE_SHIFT; }

static bool is_in(unsigned int page, unsigned int first) { return first && page >= first && page < first + FILE_PAGES; }

bool is_shared_file_page(unsigned int page) { return is_in(page, shared_at); }

int file_page_at(unsigned int page)
{
	if (is_in(page, shared_at))
		return page - shared_at;
	return is_in(page, private_at) ? (int)(page - private_at) : -1;
}

unsigned char expected_at(unsigned int number, unsigned int page)
{
	bool huge;
	int index = file_page_at(page);

	if (index < 0 || image_expected[number][page] || !entry_at(image_mms[number], ADDRESS(page), &huge))
		return image_expected[number][page];
	return image_file_expected[index];
}

void expect_at(unsigned int number, unsigned int page, unsigned char byte)
{
	if (is_shared_file_page(page))
		image_file_expected[file_page_at(page)] = byte;
	else
		image_expected[number][page] = byte;
}

struct folio *page_cache_folio(unsigned int index, unsigned int *slot)
{
	struct xarray *pages = &image_file->f_mapping->i_pages;
	void *entry = xa_load(pages, index);

	/* A folio that was written as a whole has one entry, with the slot of its first page. */
	*slot = xa_is_value(entry)
			? swp_offset(radix_to_swp_entry(entry)) + (index & ((1U << xa_get_order(pages, index)) - 1))
			: 0;
	return xa_is_value(entry) ? NULL : entry;
}

/* What was cut off the file reads as zero, if it exists again. */
static void forget_file_pages(unsigned int page, unsigned int pages) { memset(image_file_expected + page, 0, pages); }

/* Returns the byte that a process would read from a page of the file. */
static unsigned char file_content(unsigned int index)
{
	unsigned int slot;
	struct folio *folio = page_cache_folio(index, &slot);

	if (slot)
		return content_of_slot(slot);
	return folio ? image_frames[folio_pfn(folio) + index - folio->index][0] : 0;
}

/* In a race, another CPU may have written to a page after it was cut off: what is there then was not in the file before. */
static void forget_hole(unsigned int page, unsigned int pages)
{
	for (; pages--; page++)
		if (!image_races || file_content(page) != image_file_expected[page])
			forget_file_pages(page, 1);
}

/* Copies of pages that processes have in the private mapping, too. */
static void forget_copies(unsigned int page, unsigned int pages)
{
	unsigned int i;

	for (i = 0; private_at && i < IMAGE_MMS; i++)
		if (image_mms[i])
			forget_range(i, private_at + page, pages);
}

/* Returns the bits of all entries for a page of the file. @copies: whether those of private copies count */
static unsigned long bits_of_entries(unsigned int index, bool copies)
{
	unsigned long bits = 0;
	unsigned int i, place;

	for (i = 0; i < IMAGE_MMS; i++)
		for (place = 0; place < 2 && image_mms[i]; place++) {
			unsigned int first = place ? private_at : shared_at;
			bool huge;
			unsigned long entry = first ? entry_at(image_mms[i], ADDRESS(first + index), &huge) : 0;
			long frame = entry ? frame_at(image_mms[i], ADDRESS(first + index)) : -1;

			if (entry && (copies || (frame >= IMAGE_FIRST_FRAME &&
						 !folio_test_anon(page_folio(image_pages + frame)))))
				bits |= entry;
		}
	return bits;
}

/* Nothing of a range that was cut off may be left. @copies: whether private copies are cut off, too */
static void require_cut_off(unsigned int page, unsigned int pages, bool copies)
{
	for (; pages--; page++) {
		unsigned int slot;
		struct folio *folio = page_cache_folio(page, &slot);

		if (bits_of_entries(page, copies))
			image_report("cut-off-page-mapped");
		/* A folio that cannot be split stays, filled with zeros; it begins before the range or ends behind it. */
		if (slot || (folio && image_frames[folio_pfn(folio) + page - folio->index][0]))
			image_report("cut-off-page-kept");
	}
}

/* Whether the page cache has one swap entry for pages on both sides of a page's start. */
static bool is_in_swap_entry(unsigned int page)
{
	struct xarray *pages = &image_file->f_mapping->i_pages;

	return xa_is_value(xa_load(pages, page)) && (page & ((1U << xa_get_order(pages, page)) - 1));
}

/*
 * ftruncate(2).
 *
 * @pages: of the file from now on
 * @cuts_swap: whether the end may be within a folio that was written to the swap device as a whole
 */
EXPORT("truncate_file") int image_truncate_file(unsigned int pages, unsigned int cuts_swap)
{
	struct iattr attributes = { .ia_valid = ATTR_SIZE, .ia_size = ADDRESS(pages), .ia_file = image_file };
	struct inode *inode = inode_of_file();
	unsigned int before = file_pages();
	int error;

	if (pages == before || (!cuts_swap && is_in_swap_entry(pages)))
		return DISABLED;
	inode_lock(inode);
	before = file_pages();
	error = inode->i_op->setattr(&nop_mnt_idmap, image_file->f_path.dentry, &attributes);
	if (error)
		image_report("not-truncated");
	if (pages < before) {
		forget_file_pages(pages, FILE_PAGES - pages);
		forget_copies(pages, FILE_PAGES - pages);
		if (!image_races)
			require_cut_off(pages, FILE_PAGES - pages, true);
	}
	inode_unlock(inode);
	return end(error);
}

/* fallocate(2) with FALLOC_FL_PUNCH_HOLE. */
EXPORT("punch_hole") int image_punch_hole(unsigned int page, unsigned int pages)
{
	int error = image_file->f_op->fallocate(image_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, ADDRESS(page),
						ADDRESS(pages));

	if (error)
		image_report("not-truncated");
	forget_hole(page, pages);
	if (!image_races)
		require_cut_off(page, pages, false);
	return end(error);
}

/* The shrinker of folios that reach beyond the end of the file. */
EXPORT("shrink_file") int image_shrink_file(void)
{
	tree_shmem_shrink();
	return end(0);
}

static void update_undirty(unsigned int index)
{
	unsigned int slot;
	struct folio *folio = page_cache_folio(index, &slot);

	if (!image_file_expected[index] || slot) {
		image_file_undirty[index] = 0;
	} else if (!folio) {
		/* Reclaim has discarded it. */
		if (image_file_undirty[index])
			forget_file_pages(index, 1);
		image_file_undirty[index] = 0;
	} else if (folio_test_dirty(folio) || (bits_of_entries(index, false) & _PAGE_DIRTY)) {
		image_file_undirty[index] = 0;
	} else if (folio_order(folio) == PMD_SHIFT - PAGE_SHIFT) {
		image_file_undirty[index] = 1;
	}
}

void end_file_operation(void)
{
	unsigned int i;

	if (!image_file)
		return;
	for (i = 0; i < FILE_PAGES; i++)
		update_undirty(i);
#if BITS_PER_LONG == 32 && defined(CONFIG_SMP)
	memset(&inode_of_file()->i_size_seqcount, 0, sizeof(inode_of_file()->i_size_seqcount));
#endif
}
