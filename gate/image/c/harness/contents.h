#ifndef _IMAGE_CONTENTS_H
#define _IMAGE_CONTENTS_H

/*
 * A byte encodes a position in a page table, which reveals copies from a wrong offset, and a number that makes it
 * unique.
 */
#define CONTENT_PLACES PTRS_PER_PTE
#define CONTENT_NUMBERS (256 / CONTENT_PLACES)

/* First byte of a page that was allocated without __GFP_ZERO: number 0 of a place, which no process writes. */
#define UNINITIALIZED 1

static inline unsigned char content_byte(unsigned int place, unsigned int number)
{
	return place + number * CONTENT_PLACES;
}

/* Whether processes can write to a frame: it is in use, and no page table. */
static inline bool has_content(unsigned int frame)
{
	return image_frame_used[frame] && !PageTable(image_pages + frame);
}

/* What a process has in its pages, as the arrays below have it. */
struct contents {
	unsigned char expected[IMAGE_PAGES], may_be_zero[IMAGE_PAGES], soft_dirty[IMAGE_PAGES];
};

/* By process and page: the byte that the process must read; 0 where it wrote nothing. */
extern unsigned char image_expected[IMAGE_MMS][IMAGE_PAGES];
/* By process and page: whether the page may have been discarded (MADV_FREE), and then reads as zero. */
extern unsigned char image_may_be_zero[IMAGE_MMS][IMAGE_PAGES];
/* By process and page: whether it was written since the soft-dirty bits of the process were last cleared. */
extern unsigned char image_soft_dirty[IMAGE_MMS][IMAGE_PAGES];

/* Type of a non-present entry: one of the SWP_… types, which are numbers of nonexistent swap devices. */
#define ENTRY_TYPE(entry) __swp_type(__pte_to_swp_entry(__pte(entry)))

static inline bool is_present_entry(unsigned long entry)
{
	return entry & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_INVALID);
}

static inline bool is_migration_type(unsigned long type)
{
	return type == SWP_MIGRATION_READ || type == SWP_MIGRATION_READ_EXCLUSIVE || type == SWP_MIGRATION_WRITE;
}

/* Whether an entry contains a frame number. */
static inline bool entry_has_frame(unsigned long entry)
{
	return entry && (is_present_entry(entry) || is_migration_type(ENTRY_TYPE(entry)));
}

/* Whether an entry contains the number of a slot of the swap device. */
static inline bool is_swap_entry(unsigned long entry)
{
	return entry && !is_present_entry(entry) && ENTRY_TYPE(entry) < MAX_SWAPFILES;
}

/* Returns the lowest-level entry that maps a page; 0 for none. */
unsigned long entry_at(struct mm_struct *mm, unsigned long address, bool *huge);
/* Whether a page table exists for an address. */
bool has_table(struct mm_struct *mm, unsigned long address);
/* Returns the frame that a present or migration entry refers to; -1 for none. */
long frame_at(struct mm_struct *mm, unsigned long address);
/* Returns the folio that the swap cache has for a slot; NULL for none. @index: of the page in it */
struct folio *cached_folio(unsigned int slot, unsigned int *index);
/* Returns the byte that a process would read from a slot. */
unsigned char content_of_slot(unsigned int slot);
/* The numbers of bytes are not reused during a race. */
void begin_numbers_of_race(void);
void end_numbers_of_race(void);
bool store_byte(unsigned int number, unsigned int page);
struct held_page;
/* Writes a byte through a reference. @mm: the process whose page it is; NULL if it has exited */
void store_byte_to_held(struct mm_struct *mm, struct held_page *held);
void forget_range(unsigned int number, unsigned int page, unsigned int pages);
/*
 * Forgets the pages of a range, except for those that the process wrote to again in the meantime, which it maps with what
 * it wrote.
 */
void forget_zapped(unsigned int number, unsigned int page, unsigned int pages);
void forget_unmapped(unsigned int number);
/* Gives a child the contents that its parent had. */
void inherit_contents(unsigned int number, const struct contents *parent);
void save_contents(unsigned int number, struct contents *saved);
void move_contents(unsigned int number, unsigned int from, unsigned int to, unsigned int pages);
/* Lets a process read what a page has that it is not expected to find anything in. */
void expect_as_found(unsigned int number, unsigned int page);
void let_be_zero(unsigned int number, unsigned int page, unsigned int pages);

#endif
