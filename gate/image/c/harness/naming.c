/*
 * Names that the kernel only compares, or does not look at: numbers of processes, ids of MMs, and the bytes that processes leave in
 * pages. In the canonical form the processes have an order that does not depend on them, the ids follow that order, and the bytes
 * are numbered as they occur.
 *
 * The order is by what the page tables of a process say. Processes that are alike in that are tried in each order: see canonical.c.
 * Whatever order is taken, the form is that of a state which differs in names only; a poor choice makes more states, and nothing else.
 */
#include "harness.h"
#include "canonical.h"
#include "contents.h"
#include "files.h"
#include "holders.h"
#include "naming.h"
#include "state_area.h"
#include "swap_device.h"

/* The first two leave the last process where it is, which is none where there are two. */
static const unsigned char PERMUTATIONS[][IMAGE_MMS] = {
	{ 0, 1, 2 }, { 1, 0, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 },
};

WORKSPACE unsigned char process_order[IMAGE_MMS];
static WORKSPACE unsigned char orders[ARRAY_SIZE(PERMUTATIONS)];

/* What names of contents are in the form, by byte, and how many there are for each place in a page table. */
static WORKSPACE unsigned char byte_names[256], bytes_named[CONTENT_PLACES];
/* Whether they are numbered from the last number down. */
static WORKSPACE bool is_downward;

static __always_inline u32 mixed(u32 hash, u32 value)
{
	hash = (hash ^ value) * 0x85ebca6b;
	return hash ^ hash >> 15;
}

/* What an entry of a process says of its page, and the page of itself, without names. */
static u32 hash_of_entry(unsigned int number, unsigned int position, word entry)
{
	u32 hash = mixed(position, entry & ~PAGE_MASK);
	struct page *page = image_pages + (entry >> PAGE_SHIFT);
	struct folio *folio;

	if (!entry_has_frame(entry) || entry >> PAGE_SHIFT >= IMAGE_FRAMES)
		return hash;
	folio = page_folio(page);
	/* The flags are the first word. */
	hash = mixed(hash, *(word *)page);
	hash = mixed(hash, *(word *)folio);
	hash = mixed(hash, atomic_read(&page->_mapcount));
	hash = mixed(hash, folio_ref_count(folio) << 8 | (page - &folio->page));
#ifdef CONFIG_MM_ID
	if (folio_test_large(folio)) {
		unsigned int i;

		hash = mixed(hash, folio_large_mapcount(folio) << 8 | folio_order(folio));
		for (i = 0; i < 2; i++)
			if ((folio->_mm_id[i] & MM_ID_MASK) == image_mms[number]->mm_id)
				hash = mixed(hash, i << 8 | folio->_mm_id_mapcount[i]);
	}
#endif
	return hash;
}

/* Sums up over entries: the order in which they are met has no part in it. */
static u32 hash_of_process(unsigned int number)
{
	const word *upper = (const word *)image_mms[number]->pgd;
	u32 hash = image_mms[number]->map_count;
	unsigned int i, j, k;

	for (i = 0; i < PTRS_PER_PGD; i++) {
		const word *middle = (const word *)image_frames[upper[i] >> PAGE_SHIFT];

		for (j = 0; upper[i] && j < PTRS_PER_PMD; j++) {
			unsigned int page = (i * PTRS_PER_PMD + j) * PTRS_PER_PTE;

			if ((middle[j] & ~_PAGE_FRAME) != _PAGE_PRESENT) {
				if (middle[j])
					hash += hash_of_entry(number, page, middle[j]);
				continue;
			}
			for (k = 0; k < PTRS_PER_PTE; k++) {
				word entry = ((const word *)image_frames[middle[j] >> PAGE_SHIFT])[k];

				if (entry)
					hash += hash_of_entry(number, page + k, entry) +
						(image_may_be_zero[number][page + k] << 1) +
						image_soft_dirty[number][page + k];
			}
		}
	}
	return hash;
}

unsigned int find_orders(enum naming naming)
{
	/* Behind all others: those that there are not. */
	u64 hashes[IMAGE_MMS];
	unsigned int i, permutation, live = 0, found = 0;

	if (naming != CANONICAL) {
		orders[0] = naming < PERMUTED ? 0 : naming - PERMUTED;
		choose_order(0);
		return 1;
	}
	for (i = 0; i < IMAGE_MMS; i++) {
		hashes[i] = ~0ULL - IMAGE_MMS + i;
		live += !!image_mms[i];
	}
	for (i = 0; i < IMAGE_MMS; i++)
		if (image_mms[i])
			hashes[i] = live > 1 ? hash_of_process(i) : 0;
	for (permutation = 0; permutation < ARRAY_SIZE(PERMUTATIONS); permutation++) {
		const unsigned char *order = PERMUTATIONS[permutation];

		for (i = 1; i < IMAGE_MMS && hashes[order[i - 1]] <= hashes[order[i]];)
			i++;
		if (i == IMAGE_MMS)
			orders[found++] = permutation;
	}
	choose_order(0);
	return found;
}

void choose_order(unsigned int position)
{
	unsigned int i;

	for (i = 0; i < IMAGE_MMS; i++)
		process_order[i] = PERMUTATIONS[orders[position]][i];
}

#ifdef CONFIG_MM_ID
/* Ids that the allocator has in one word. */
#define IDS BITS_PER_XA_VALUE
/* The names of the ids in the form: all ids have one, those of no process behind the others. */
static WORKSPACE unsigned char id_names[IDS];
static WORKSPACE bool renames_ids;

static void name_ids(void)
{
	void *allocated = *tree_allocated_ids();
	unsigned int i, next = MM_ID_MIN;

	/* The XArray has no node of its own unless ids are leaked. Where it has one, ids keep their names, which makes more states. */
	renames_ids = !allocated || xa_is_value(allocated);
	if (!renames_ids)
		return;
	__builtin_memset(id_names, 0, sizeof(id_names));
	for (i = 0; i < IMAGE_MMS; i++) {
		struct mm_struct *mm = image_mms[process_order[i]];

		if (mm && mm->mm_id < IDS && !id_names[mm->mm_id])
			id_names[mm->mm_id] = next++;
	}
	for (i = MM_ID_MIN; i < IDS; i++)
		if (!id_names[i])
			id_names[i] = next++;
}

/* With the flag that is in the highest bit. */
static mm_id_t id_renamed(mm_id_t id)
{
	mm_id_t own = id & MM_ID_MASK;

	return own < IDS ? (id & ~MM_ID_MASK) | id_names[own] : id;
}

static void write_ids(void)
{
	void **allocated = tree_allocated_ids();
	unsigned long before = *allocated ? xa_to_value(*allocated) : 0, after = 0;
	unsigned int i;

	for (i = 0; i < IDS; i++)
		if (before >> i & 1)
			after |= 1UL << id_names[i];
	write_form_word(allocated, *allocated ? (word)xa_mk_value(after) : 0);
	for (i = 0; i < IMAGE_MMS; i++) {
		struct mm_struct *mm = image_mms[i];
		mm_id_t id;

		if (!mm)
			continue;
		id = id_renamed(mm->mm_id);
		write_form((void *)(renamed((word)mm) + offsetof(struct mm_struct, mm_id)), &id, sizeof(id));
	}
}

void write_owners(struct folio *folio, struct folio *place)
{
	mm_id_t ids[2] = { id_renamed(folio->_mm_id[0]), id_renamed(folio->_mm_id[1]) };

	if (renames_ids && (ids[0] != folio->_mm_id[0] || ids[1] != folio->_mm_id[1]))
		write_form(&place->_mm_id, ids, sizeof(ids));
}
#else
void write_owners(struct folio *folio, struct folio *place) {}
#endif

static void write_rows(unsigned char (*rows)[IMAGE_PAGES])
{
	unsigned int i, at;

	for (i = 0; i < IMAGE_MMS; i++) {
		const unsigned char *row = rows[process_order[i]];

		for (at = 0; at < IMAGE_PAGES && process_order[i] != i; at += sizeof(u64))
			if (*(u64 *)(row + at) != *(u64 *)in_form(rows[i] + at))
				write_form(rows[i] + at, row + at, sizeof(u64));
	}
}

static unsigned char byte_renamed(unsigned char byte)
{
	unsigned int place = byte % CONTENT_PLACES;

	/* Zero, or UNINITIALIZED. */
	if (byte < CONTENT_PLACES)
		return byte;
	if (!byte_names[byte]) {
		bytes_named[place]++;
		byte_names[byte] = content_byte(place, is_downward ? CONTENT_NUMBERS - bytes_named[place]
								   : bytes_named[place]);
	}
	return byte_names[byte];
}

static void rename_bytes(void)
{
	struct held_page *held;
	struct holder *holder;
	unsigned int i, page;

	__builtin_memset(byte_names, 0, sizeof(byte_names));
	__builtin_memset(bytes_named, 0, sizeof(bytes_named));
	for (i = 0; i < IMAGE_MMS; i++) {
		const unsigned char *row = image_expected[process_order[i]];

		for (page = 0; page < IMAGE_PAGES; page++) {
			if (!(page % sizeof(u64)) && !*(const u64 *)(row + page))
				page += sizeof(u64) - 1;
			else
				write_form_byte(image_expected[i] + page, byte_renamed(row[page]));
		}
	}
	for (i = 0; i < FILE_PAGES; i++)
		if (image_file_expected[i])
			write_form_byte(image_file_expected + i, byte_renamed(image_file_expected[i]));
	for (i = IMAGE_FIRST_FRAME; i < frames_in_form; i++) {
		unsigned int frame = frame_at_place[i];

		if (has_content(frame))
			write_form_byte(image_frames[i], byte_renamed(image_frames[frame][0]));
	}
	for (i = 0; i < SWAP_SLOTS; i++)
		if (image_swap[i])
			write_form_byte(image_swap + i, byte_renamed(image_swap[i]));
	for_each_held_page(holder, held) write_form_byte(&held->expected, byte_renamed(held->expected));
}

void write_names(enum naming naming)
{
	unsigned int i;

	for (i = 0; i < IMAGE_MMS; i++)
		write_form_word(image_mms + i, renamed((word)image_mms[process_order[i]]));
	write_rows(image_expected);
	write_rows(image_may_be_zero);
	write_rows(image_soft_dirty);
	if (naming == AS_THEY_ARE)
		return;
	is_downward = naming != CANONICAL;
	rename_bytes();
	if (naming != CANONICAL)
		return;
#ifdef CONFIG_MM_ID
	name_ids();
	if (renames_ids)
		write_ids();
#endif
}
