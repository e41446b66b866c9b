/*
 * Contents of pages. A process writes a byte that no other page contains, and the harness records, for each page of
 * each process, the byte that it must read: writes are private, and fork copies their results.
 */
#include "harness.h"
#include "contents.h"
#include "files.h"
#include "holders.h"
#include "swap_device.h"

void image_beyond_table(void) { image_fault("entry-beyond-table"); }

void image_free_table(void) { image_fault("free-entry-used"); }

unsigned char image_expected[IMAGE_MMS][IMAGE_PAGES];
unsigned char image_may_be_zero[IMAGE_MMS][IMAGE_PAGES];
unsigned char image_soft_dirty[IMAGE_MMS][IMAGE_PAGES];

/* Returns the lowest-level entry that maps a page; NULL for none. */
static unsigned long *find_entry(struct mm_struct *mm, unsigned long address, bool *huge)
{
	pgd_t *pgd = mm->pgd + pgd_index(address);
	pmd_t *pmd;

	*huge = false;
	if (pgd_none(*pgd))
		return NULL;
	pmd = (pmd_t *)image_frames[pgd_val(*pgd) >> PAGE_SHIFT] + ((address >> PMD_SHIFT) & (PTRS_PER_PMD - 1));
	if (!pmd_val(*pmd))
		return NULL;
	if ((pmd_val(*pmd) & ~_PAGE_FRAME) != _PAGE_PRESENT) {
		*huge = true;
		return (unsigned long *)pmd;
	}
	return (unsigned long *)image_frames[pmd_pfn(*pmd)] + ((address >> PAGE_SHIFT) & (PTRS_PER_PTE - 1));
}

unsigned long entry_at(struct mm_struct *mm, unsigned long address, bool *huge)
{
	unsigned long *entry = find_entry(mm, address, huge);

	return entry ? *entry : 0;
}

bool has_table(struct mm_struct *mm, unsigned long address)
{
	bool huge;

	return find_entry(mm, address, &huge) && !huge;
}

long frame_at(struct mm_struct *mm, unsigned long address)
{
	bool huge;
	unsigned long entry = entry_at(mm, address, &huge);

	if (!entry_has_frame(entry))
		return -1;
	return (entry >> PAGE_SHIFT) + (huge ? (address >> PAGE_SHIFT) & (PTRS_PER_PTE - 1) : 0);
}

struct folio *cached_folio(unsigned int slot, unsigned int *index)
{
	unsigned int i;

	for (i = IMAGE_FIRST_FRAME; i < IMAGE_FRAMES; i++) {
		struct folio *folio = page_folio(image_pages + i);

		if (!has_content(i) || !folio_test_swapcache(folio))
			continue;
		*index = i - folio_pfn(folio);
		if (swp_offset(folio->swap) + *index == slot)
			return folio;
	}
	return NULL;
}

unsigned char content_of_slot(unsigned int slot)
{
	unsigned int index;
	struct folio *folio = cached_folio(slot, &index);

	return folio ? image_frames[folio_pfn(folio) + index][0] : image_swap[slot];
}

/* By place: numbers that are in use, as bits. */
struct numbers {
	u32 in_use[CONTENT_PLACES];
};

static void add_number(struct numbers *numbers, unsigned char byte)
{
	numbers->in_use[byte % CONTENT_PLACES] |= 1u << byte / CONTENT_PLACES;
}

/* Adds the numbers that are in use. 0 is: it would yield a byte of zero. */
static void add_numbers_in_use(struct numbers *numbers)
{
	struct held_page *held;
	struct holder *holder;
	unsigned int i, j;

	for (i = 0; i < CONTENT_PLACES; i++)
		numbers->in_use[i] |= 1;
	for (i = IMAGE_FIRST_FRAME; i < IMAGE_FRAMES; i++)
		if (has_content(i))
			add_number(numbers, image_frames[i][0]);
	for (i = 0; i < SWAP_SLOTS; i++)
		add_number(numbers, image_swap[i]);
	for (i = 0; i < IMAGE_MMS; i++)
		for (j = 0; image_mms[i] && j < IMAGE_PAGES; j++)
			add_number(numbers, image_expected[i][j]);
	for (i = 0; i < FILE_PAGES; i++)
		add_number(numbers, image_file_expected[i]);
	for_each_held_page(holder, held) add_number(numbers, held->expected);
}

/*
 * Numbers that were in use since a race began; none without one. None of them is taken again, so that what happens does
 * not depend on numbers.
 */
static struct numbers numbers_of_race;

void begin_numbers_of_race(void) { add_numbers_in_use(&numbers_of_race); }

void end_numbers_of_race(void) { memset(&numbers_of_race, 0, sizeof(numbers_of_race)); }

/* @returns a byte that nothing contains, and that no process must read */
static unsigned char new_byte(unsigned int page)
{
	unsigned int place = page % CONTENT_PLACES, number;
	struct numbers numbers = numbers_of_race;

	add_numbers_in_use(&numbers);
	if (!~numbers.in_use[place])
		image_full("no byte is left for contents");
	number = __builtin_ctz(~numbers.in_use[place]);
	if (image_races)
		numbers_of_race.in_use[place] |= 1u << number;
	return content_byte(place, number);
}

/* Writes a byte to a page, after a fault. @returns false if the entry is not writable */
bool store_byte(unsigned int number, unsigned int page)
{
	bool huge;
	unsigned long *entry = find_entry(image_mms[number], (unsigned long)page << PAGE_SHIFT, &huge);
	unsigned char byte;
	long frame;

	if (!entry || (*entry & (_PAGE_PRESENT | _PAGE_WRITE)) != (_PAGE_PRESENT | _PAGE_WRITE))
		return false;
	/* Only in a race may the entry be clean again after the fault: then the processor sets the bit. */
	if (image_races)
		*entry |= _PAGE_DIRTY;
	frame = frame_at(image_mms[number], (unsigned long)page << PAGE_SHIFT);
	byte = new_byte(page);
	image_frames[frame][0] = byte;
	expect_at(number, page, byte);
	image_may_be_zero[number][page] = 0;
	/* Of a shared page it would have to be the pages of each process that an entry had. */
	image_soft_dirty[number][page] = !is_shared_file_page(page);
	held_page_written(image_mms[number], frame, byte);
	return true;
}

void store_byte_to_held(struct mm_struct *mm, struct held_page *held)
{
	unsigned int frame = page_to_pfn(held->page), i;
	/* The place of the byte that the page has: that of a frame would depend on its name. */
	unsigned char byte = new_byte(image_frames[frame][0]);

	image_frames[frame][0] = byte;
	held->expected = byte;
	held_page_written(mm, frame, byte);
	for (i = 0; i < IMAGE_MMS; i++)
		if (held->at && image_mms[i] == mm)
			image_expected[i][held->at] = byte;
}

void forget_range(unsigned int number, unsigned int page, unsigned int pages)
{
	release_from_pages(image_mms[number], page, pages);
	memset(image_expected[number] + page, 0, pages);
	memset(image_may_be_zero[number] + page, 0, pages);
	memset(image_soft_dirty[number] + page, 0, pages);
}

/* Whether the process reads the byte from a page. */
static bool would_read(unsigned int number, unsigned int page, unsigned char byte)
{
	bool huge;
	unsigned long address = (unsigned long)page << PAGE_SHIFT;
	unsigned long entry = image_mms[number] ? entry_at(image_mms[number], address, &huge) : 0;
	long frame = entry ? frame_at(image_mms[number], address) : -1;

	if (is_swap_entry(entry))
		return byte == content_of_slot(entry >> PAGE_SHIFT);
	return byte == (frame < IMAGE_FIRST_FRAME ? 0 : image_frames[frame][0]);
}

void forget_zapped(unsigned int number, unsigned int page, unsigned int pages)
{
	for (; pages--; page++)
		if (!image_expected[number][page] || !would_read(number, page, image_expected[number][page]))
			forget_range(number, page, 1);
}

void forget_unmapped(unsigned int number)
{
	unsigned int page;

	release_from_holes(image_mms[number]);
	for (page = 0; page < IMAGE_PAGES; page++)
		if (image_expected[number][page] && !vma_lookup(image_mms[number], (unsigned long)page << PAGE_SHIFT))
			forget_range(number, page, 1);
}

void inherit_contents(unsigned int number, const struct contents *parent)
{
	memcpy(image_expected[number], parent->expected, IMAGE_PAGES);
	memcpy(image_may_be_zero[number], parent->may_be_zero, IMAGE_PAGES);
	memcpy(image_soft_dirty[number], parent->soft_dirty, IMAGE_PAGES);
	forget_unmapped(number);
}

void save_contents(unsigned int number, struct contents *saved)
{
	memcpy(saved->expected, image_expected[number], IMAGE_PAGES);
	memcpy(saved->may_be_zero, image_may_be_zero[number], IMAGE_PAGES);
	memcpy(saved->soft_dirty, image_soft_dirty[number], IMAGE_PAGES);
}

void move_contents(unsigned int number, unsigned int from, unsigned int to, unsigned int pages)
{
	unsigned int i;

	memcpy(image_expected[number] + to, image_expected[number] + from, pages);
	memcpy(image_may_be_zero[number] + to, image_may_be_zero[number] + from, pages);
	memcpy(image_soft_dirty[number] + to, image_soft_dirty[number] + from, pages);
	for (i = 0; i < pages; i++)
		move_held_pages(image_mms[number], from + i, to + i);
	forget_range(number, from, pages);
}

void expect_as_found(unsigned int number, unsigned int page)
{
	long frame = frame_at(image_mms[number], (unsigned long)page << PAGE_SHIFT);

	if (!image_expected[number][page] && frame >= IMAGE_FIRST_FRAME)
		image_expected[number][page] = image_frames[frame][0];
}

void let_be_zero(unsigned int number, unsigned int page, unsigned int pages)
{
	for (; pages--; page++)
		image_may_be_zero[number][page] = !!image_expected[number][page];
}
