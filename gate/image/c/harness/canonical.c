/*
 * The canonical form of a state. Objects are found from the processes and static data along pointers, numbered in the order in which
 * they are found, and placed by number: slots of each slab cache from its start, blocks of frames from the first frame, the largest
 * first, so that each is aligned to its size. Two states with the same form differ in the names of slots and frames, and in the names
 * that naming.c is about. Kernel code does not look at the name of a frame, but for neighbours within a folio.
 *
 * A word that lies in the memory of objects is a pointer: the image is linked to addresses that no other word has. Page tables
 * have frame numbers, and are known by the type of their page. Lists of the LRU are put into the order of their pages.
 *
 * An object that is used and not found is a leak.
 */
#include "harness.h"
#include "canonical.h"
#include "contents.h"
#include "naming.h"
#include "state_area.h"
#ifdef IMAGE_SWAP_TABLE_HAS_PFNS
#include <mm/swap_table.h>
#endif

static WORKSPACE unsigned char pristine_page[sizeof(struct page)];

#define STATIC_RANGES 16
static WORKSPACE struct span statics[STATIC_RANGES];
static WORKSPACE unsigned int nr_statics;

/* What a slot is, by its position in image_slot_used. */
static WORKSPACE struct slot {
	unsigned char *start;
	unsigned short words;
	unsigned char cache, index;
} slots[IMAGE_SLOTS];

/* The slot in which an address is: slots begin at multiples of 8 bytes. */
#define NO_SLOT 0xff
static WORKSPACE unsigned char slot_at[IMAGE_SLOT_BYTES / 8];

/* Which slots and frames were found: 1 or 0, as image_slot_used and image_frame_used have it. */
static WORKSPACE unsigned char found_slots[IMAGE_SLOTS] __aligned(8), found_frames[IMAGE_FRAMES] __aligned(8);
/* Where those that were found are in the form: the number among the slots of the cache, and the number of the frame. */
static WORKSPACE unsigned char number_of_slot[IMAGE_SLOTS], frame_of_frame[IMAGE_FRAMES];
static WORKSPACE unsigned int slots_found[IMAGE_CACHES];
WORKSPACE unsigned int frames_in_form;
WORKSPACE unsigned char frame_at_place[IMAGE_FRAMES];

/* A slot, or a block of frames. */
struct object {
	unsigned char *start;
	unsigned short words;
	bool is_block;
	unsigned char order;
	/* Of the slot, or of its first frame. */
	unsigned char index;
};
static WORKSPACE struct object objects[IMAGE_SLOTS + IMAGE_FRAMES];
static WORKSPACE unsigned int nr_objects;

/* Blocks by order. */
#define ORDERS (PMD_SHIFT - PAGE_SHIFT + 1)
static WORKSPACE unsigned char blocks[ORDERS][IMAGE_FRAMES];
static WORKSPACE unsigned int nr_blocks[ORDERS];

/* Words that are pointers to objects, in the order in which they are found: those of static data, then those of each object. */
#define POINTERS 2048
static WORKSPACE word *pointers[POINTERS];
static WORKSPACE unsigned int nr_pointers, nr_static_pointers;
static WORKSPACE unsigned short pointers_end[IMAGE_SLOTS + IMAGE_FRAMES];

extern char __start_workspace[], __stop_workspace[];

static void add_static(unsigned char *from, unsigned char *to)
{
	if (from >= to)
		return;
	if (nr_statics == STATIC_RANGES)
		image_fault("too-many-ranges");
	statics[nr_statics++] = (struct span){ from, to };
}

/* Parts of the state area that are no static data, or no state. They are pointers to objects: not in constant data, which is scanned. */
static WORKSPACE struct span holes[] = {
	{ (unsigned char *)image_frames, (unsigned char *)(image_frames + IMAGE_FRAMES) },
	{ (unsigned char *)image_pages, (unsigned char *)(image_pages + IMAGE_FRAMES) },
	{ image_frame_used, image_frame_used + IMAGE_FRAMES },
	{ image_slots, image_slots + IMAGE_SLOT_BYTES },
	{ image_slot_used, image_slot_used + IMAGE_SLOTS },
	{ (unsigned char *)image_mms, (unsigned char *)(image_mms + IMAGE_MMS) },
	{ (unsigned char *)__start_workspace, (unsigned char *)__stop_workspace },
	{ (unsigned char *)&contig_page_data.__lruvec.lists,
	  (unsigned char *)&contig_page_data.__lruvec.lists + sizeof(contig_page_data.__lruvec.lists) },
};

/* Those of them whose form is not what the memory has. */
static WORKSPACE struct span uncopied[] = {
	{ image_frame_used, image_frame_used + IMAGE_FRAMES },
	{ image_slot_used, image_slot_used + IMAGE_SLOTS },
	{ (unsigned char *)__start_workspace, (unsigned char *)__stop_workspace },
	{ (unsigned char *)&contig_page_data.__lruvec.lists,
	  (unsigned char *)&contig_page_data.__lruvec.lists + sizeof(contig_page_data.__lruvec.lists) },
};

/* Whether a chunk has a part of them. */
static WORKSPACE unsigned char has_uncopied[CHUNKS];

static void find_special_caches(void);

static void sort_spans(struct span *spans, unsigned int number)
{
	unsigned int i, j;

	for (i = 0; i < number; i++)
		for (j = i + 1; j < number; j++)
			if (spans[j].start < spans[i].start)
				swap(spans[i], spans[j]);
}

static void find_slots(void)
{
	unsigned int i, j, at;

	memset(slot_at, NO_SLOT, sizeof(slot_at));
	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;
		unsigned int first = cache->used - image_slot_used;

		for (j = 0; j < cache->slots; j++) {
			unsigned char *start = cache->start + j * cache->size;

			if (first + j == NO_SLOT)
				image_fault("no-room-for-slots");
			slots[first + j] = (struct slot){ start, cache->size / sizeof(word), i, j };
			for (at = 0; at < cache->size; at += 8)
				slot_at[(start - image_slots + at) / 8] = first + j;
		}
	}
}

/* Addresses are below 4 GiB in a 64-bit image, too. */
static struct span span_at(unsigned int start, unsigned int stop)
{
	return (struct span){ (unsigned char *)(unsigned long)start, (unsigned char *)(unsigned long)stop };
}

EXPORT("chunk_setup") void chunk_setup(unsigned int store_at, unsigned int store_end_at)
{
	set_up_chunks(span_at(store_at, store_end_at));
}

EXPORT("canonical_setup")
void canonical_setup(unsigned int state_at, unsigned int state_end_at, unsigned int copies_at, unsigned int dirty_at)
{
	struct span state = span_at(state_at, state_end_at);
	unsigned char *from = state.start;
	word objects_start = min3((word)image_frames, (word)image_pages, (word)image_slots);
	word objects_stop = max3((word)(image_frames + IMAGE_FRAMES), (word)(image_pages + IMAGE_FRAMES),
				 (word)image_slots + IMAGE_SLOT_BYTES);
	unsigned int i, chunk;

	set_up_state_area(state, (unsigned char *)(unsigned long)copies_at, (unsigned char *)(unsigned long)dirty_at,
			  (struct span){ (unsigned char *)objects_start, (unsigned char *)objects_stop });
	sort_spans(holes, ARRAY_SIZE(holes));
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		add_static(from, holes[i].start);
		from = holes[i].stop;
	}
	add_static(from, state.stop);
	sort_spans(uncopied, ARRAY_SIZE(uncopied));
	for (i = 0; i < ARRAY_SIZE(uncopied); i++)
		for (chunk = chunk_of(uncopied[i].start); chunk <= chunk_of(uncopied[i].stop - 1); chunk++)
			has_uncopied[chunk] = 1;
	memcpy(pristine_page, image_pages + IMAGE_FRAMES - 1, sizeof(struct page));
	/* At boot what is used has gaps. Both copies are as if nothing were used, so that all of it is written. */
	memset(in_loaded(image_slot_used), 0, IMAGE_SLOTS);
	memset(in_form(image_slot_used), 0, IMAGE_SLOTS);
	memset(in_loaded(image_frame_used + IMAGE_FIRST_FRAME), 0, IMAGE_FRAMES - IMAGE_FIRST_FRAME);
	memset(in_form(image_frame_used + IMAGE_FIRST_FRAME), 0, IMAGE_FRAMES - IMAGE_FIRST_FRAME);
	find_slots();
	find_special_caches();
}

static void found_block(unsigned long pfn)
{
	struct page *page = image_pages + pfn, *head = compound_head(page);
	unsigned int order, i;

	if (pfn >= IMAGE_FRAMES)
		image_fault("entry-without-page");
	order = PageHead(head) ? compound_order(head) : 0;
	pfn = head - image_pages;
	if (order >= ORDERS || pfn + (1u << order) > IMAGE_FRAMES)
		image_fault("impossible-order");
	if (found_frames[pfn])
		return;
	for (i = 0; i < 1u << order; i++)
		found_frames[pfn + i] = 1;
	objects[nr_objects++] = (struct object){ (unsigned char *)head, sizeof(struct page) / sizeof(word) << order,
						 true, order, pfn };
	if (pfn >= IMAGE_FIRST_FRAME)
		blocks[order][nr_blocks[order]++] = pfn;
}

static void found_slot(unsigned int slot)
{
	if (found_slots[slot])
		return;
	found_slots[slot] = 1;
	number_of_slot[slot] = slots_found[slots[slot].cache]++;
	objects[nr_objects++] = (struct object){ slots[slot].start, slots[slot].words, false, 0, slot };
}

static __always_inline void found(word value)
{
	word offset = value - (word)image_slots;

	if (offset < IMAGE_SLOT_BYTES) {
		if (slot_at[offset / 8] != NO_SLOT)
			found_slot(slot_at[offset / 8]);
	} else if (value - (word)image_pages < sizeof(image_pages)) {
		found_block((value - (word)image_pages) / sizeof(struct page));
	} else if (value - (word)image_frames < sizeof(image_frames)) {
		found_block((value - (word)image_frames) >> FRAME_SHIFT);
	}
}

/* @returns where a slot is in the form, as an address of the state area */
static __always_inline unsigned char *place_of_slot(unsigned int slot)
{
	return slots[slot].start +
	       ((int)number_of_slot[slot] - slots[slot].index) * (int)(slots[slot].words * sizeof(word));
}

static __always_inline word renamed_word(word value)
{
	word offset = value - (word)image_slots;

	if (offset < IMAGE_SLOT_BYTES) {
		unsigned int slot = slot_at[offset / 8];

		return slot == NO_SLOT ? value : value + (place_of_slot(slot) - slots[slot].start);
	}
	offset = value - (word)image_pages;
	if (offset < sizeof(image_pages)) {
		word pfn = offset / sizeof(struct page);

		return value + ((word)frame_of_frame[pfn] - pfn) * sizeof(struct page);
	}
	offset = value - (word)image_frames;
	if (offset < sizeof(image_frames))
		return value + (((word)frame_of_frame[offset >> FRAME_SHIFT] - (offset >> FRAME_SHIFT)) << FRAME_SHIFT);
	return value;
}

word renamed(word value) { return renamed_word(value); }

static word entry_renamed(word entry)
{
	return entry_has_frame(entry) ? (entry & ~PAGE_MASK) | ((word)frame_of_frame[entry >> PAGE_SHIFT] << PAGE_SHIFT)
				      : entry;
}

static __always_inline void found_pointer(word *at)
{
	if (nr_pointers == POINTERS)
		image_full("no room is left for so many pointers");
	pointers[nr_pointers++] = at;
	found(*at);
}

/* Whether a page is the head of a folio on an LRU list. A tail page has no such flag. */
static __always_inline bool on_lru(struct page *page) { return !PageTail(page) && PageLRU(page); }

/*
 * An anon_vma that no VMA is on, but that is referred to, as by a migration: its parent may be free. Only unlink_anon_vmas() looks at
 * that, and it did.
 */
static WORKSPACE unsigned int anon_vma_cache;

static bool is_left_anon_vma(const struct object *object)
{
	return !object->is_block && slots[object->index].cache == anon_vma_cache &&
	       RB_EMPTY_ROOT(&((struct anon_vma *)object->start)->rb_root.rb_root);
}

static unsigned int cache_named(const char *name)
{
	unsigned int i = image_nr_caches;

	while (i && strcmp(image_caches[--i].name, name))
		;
	return i;
}

/* @returns where the object is in the form, as an address of the state area */
static __always_inline unsigned char *place_of(const struct object *object)
{
	return object->is_block ? (unsigned char *)(image_pages + frame_of_frame[object->index])
				: place_of_slot(object->index);
}

#ifdef IMAGE_SWAP_TABLE_HAS_PFNS
/* Swap tables have frame numbers of the pages in the swap cache, and no pointers to them. */
static WORKSPACE unsigned int swap_table_cache;

static bool is_swap_table(const struct object *object)
{
	return !object->is_block && slots[object->index].cache == swap_table_cache;
}

static word pfn_in(word entry) { return (entry & ~SWP_TB_COUNT_MASK) >> SWP_TB_PFN_MARK_BITS; }

static void find_swap_table_cache(void) { swap_table_cache = cache_named("swap_table"); }

static void scan_swap_table(const struct object *object)
{
	const word *entries = (const word *)object->start;
	unsigned int i;

	for (i = 0; is_swap_table(object) && i < SWAPFILE_CLUSTER; i++)
		if (swp_tb_is_folio(entries[i]))
			found_block(pfn_in(entries[i]));
}

static void rename_swap_table(const struct object *object)
{
	const word *entries = (const word *)object->start;
	word *out = (word *)place_of(object);
	unsigned int i;

	for (i = 0; is_swap_table(object) && i < SWAPFILE_CLUSTER; i++)
		if (swp_tb_is_folio(entries[i]))
			write_form_word(out + i, pfn_to_swp_tb(frame_of_frame[pfn_in(entries[i])], 0) |
							 (entries[i] & SWP_TB_COUNT_MASK));
}
#else
static void find_swap_table_cache(void) {}
static void scan_swap_table(const struct object *object) {}
static void rename_swap_table(const struct object *object) {}
#endif

static void scan_slot(const struct object *object)
{
	struct anon_vma *anon_vma = (struct anon_vma *)object->start;
	word *end = (word *)object->start + object->words;

	if (is_left_anon_vma(object)) {
		for_each_pointer((word *)anon_vma, (word *)&anon_vma->parent, found_pointer);
		for_each_pointer((word *)(&anon_vma->parent + 1), end, found_pointer);
	} else {
		for_each_pointer((word *)object->start, end, found_pointer);
	}
	scan_swap_table(object);
}

#define LRU_WORD (offsetof(struct page, lru) / sizeof(word))

static void scan_block(const struct object *object)
{
	word *words = (word *)object->start;
	unsigned int i, first = on_lru((struct page *)object->start) ? LRU_WORD + 2 : 0;

	/* The flags before the list are no pointers. */
	for_each_pointer(words + first, words + object->words, found_pointer);
	if (PageTable((struct page *)object->start)) {
		const word *entries = (const word *)image_frames[object->index];

		for (i = 0; i < PTRS_PER_PTE; i++)
			if (entry_has_frame(entries[i]))
				found_block(entries[i] >> PAGE_SHIFT);
	}
}

static __always_inline bool is_moved(const struct object *object)
{
	unsigned int i = object->index;

	return object->is_block ? frame_of_frame[i] != i : number_of_slot[i] != slots[i].index;
}

/* Behind the last frame, and the last slot of each cache, that may have something in the form. */
static WORKSPACE unsigned int frames_end, slots_end[IMAGE_CACHES];

/* Those that are used in the state that was loaded come first, without gaps. */
static WORKSPACE unsigned int frames_loaded, slots_loaded[IMAGE_CACHES];

static void find_loaded_ends(void)
{
	unsigned int i, end;

	for (end = IMAGE_FIRST_FRAME; end < IMAGE_FRAMES && *in_loaded(image_frame_used + end);)
		end++;
	frames_end = frames_loaded = end;
	for (i = 0; i < image_nr_caches; i++) {
		for (end = 0; end < image_caches[i].slots && *in_loaded(image_caches[i].used + end);)
			end++;
		slots_end[i] = slots_loaded[i] = end;
	}
}

static void note_slot(unsigned long offset)
{
	unsigned int slot = offset < IMAGE_SLOT_BYTES ? slot_at[offset / 8] : NO_SLOT;

	if (slot != NO_SLOT)
		slots_end[slots[slot].cache] = max(slots_end[slots[slot].cache], slots[slot].index + 1u);
}

/* Remembers frames and slots that something was written to: they may be free, or elsewhere in the form. */
static __always_inline void note_dirty(const unsigned char *from)
{
	unsigned long last = CHUNK_BYTES - 1, offset = from + last - (unsigned char *)image_pages, at;

	if (offset < sizeof(image_pages) + last)
		frames_end = max(frames_end, min(offset / sizeof(struct page) + 1, (unsigned long)IMAGE_FRAMES));
	offset = from + last - (unsigned char *)image_frames;
	if (offset < sizeof(image_frames) + last)
		frames_end = max(frames_end, min((offset >> FRAME_SHIFT) + 1, (unsigned long)IMAGE_FRAMES));
	offset = from + last - image_slots;
	if (offset < IMAGE_SLOT_BYTES + last)
		for (at = 0; at < CHUNK_BYTES; at += 8)
			note_slot(offset - last + at);
}

/* Copies what was written to, but not the parts that the form has for itself. */
static void copy_dirty_chunks(void)
{
	unsigned int i, j;

	for (i = 0; i < nr_dirty_chunks; i++) {
		unsigned char *from = state_area.start + dirty_chunks[i] * CHUNK_BYTES, *to = from + CHUNK_BYTES;

		note_dirty(from);
		if (!has_uncopied[dirty_chunks[i]]) {
			write_form_chunk(dirty_chunks[i]);
			continue;
		}
		for (j = 0; j < ARRAY_SIZE(uncopied); j++) {
			if (uncopied[j].stop <= from || uncopied[j].start >= to)
				continue;
			if (uncopied[j].start > from)
				write_form(from, from, uncopied[j].start - from);
			from = uncopied[j].stop;
		}
		if (from < to)
			write_form(from, from, to - from);
	}
}

/* Copies an object, and the memory of its frames, to another place. */
static void copy_moved(const struct object *object)
{
	write_form(place_of(object), object->start, object->words * sizeof(word));
	if (object->is_block)
		write_form(image_frames[frame_of_frame[object->index]], image_frames[object->index],
			   FRAME_BYTES << object->order);
}

/* The form has the words as the memory has them. */
static void rename_pointers(unsigned char *to, unsigned char *from, unsigned int first, unsigned int end)
{
	unsigned int i;

	for (i = first; i < end; i++) {
		word value = *pointers[i], other = renamed_word(value);

		if (other != value)
			write_form_word(to + ((unsigned char *)pointers[i] - from), other);
	}
}

static void rename_entries(const struct object *object)
{
	const word *entries = (const word *)image_frames[object->index];
	word *out = (word *)image_frames[frame_of_frame[object->index]];
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		word other = entry_renamed(entries[i]);

		if (other != entries[i])
			write_form_word(out + i, other);
	}
}

/* Writes objects that are elsewhere in the form, and whatever refers to one. */
static void write_moved(void)
{
	unsigned int i, moved = 0;

	for (i = 0; i < nr_objects; i++)
		if (is_moved(objects + i)) {
			copy_moved(objects + i);
			moved++;
		}
	if (!moved)
		return;
	rename_pointers(state_area.start, state_area.start, 0, nr_static_pointers);
	for (i = 0; i < nr_objects; i++) {
		rename_pointers(place_of(objects + i), objects[i].start, i ? pointers_end[i - 1] : nr_static_pointers,
				pointers_end[i]);
		if (objects[i].is_block && PageTable((struct page *)objects[i].start))
			rename_entries(objects + i);
		rename_swap_table(objects + i);
	}
}

/* Fields that say nothing of what happens next, in objects of a cache: they have one value in every form. In bytes: multiples of 4. */
static const struct {
	const char *cache;
	unsigned short offset, bytes;
	u32 value;
	const char *reason;
} MASKED_FIELDS[] = {
	{ "mm_struct", offsetof(struct mm_struct, hiwater_rss), sizeof(long), 0, "high-water mark" },
	{ "mm_struct", offsetof(struct mm_struct, hiwater_vm), sizeof(long), 0, "high-water mark" },
	{ "mm_struct", offsetof(struct mm_struct, mm_lock_seq), sizeof(seqcount_t), 0,
	  "sequence count: no VMA is locked at rest" },
	{ "mm_struct", offsetof(struct mm_struct, write_protect_seq), sizeof(seqcount_t), 0,
	  "sequence count: no fork is under way at rest" },
	{ "vm_area_struct", offsetof(struct vm_area_struct, vm_lock_seq), sizeof(int), 0xffffffff,
	  "sequence count: not that of the MM" },
};

/* The caches of these fields. */
static WORKSPACE unsigned char masked_cache[ARRAY_SIZE(MASKED_FIELDS)];

static void find_special_caches(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(MASKED_FIELDS); i++)
		masked_cache[i] = cache_named(MASKED_FIELDS[i].cache);
	anon_vma_cache = cache_named("anon_vma");
	find_swap_table_cache();
}

static void mask_fields(void)
{
	unsigned int i, slot, at;

	for (i = 0; i < ARRAY_SIZE(MASKED_FIELDS); i++) {
		struct image_cache *cache = image_caches + masked_cache[i];

		for (slot = 0; slot < slots_found[masked_cache[i]]; slot++)
			for (at = 0; at < MASKED_FIELDS[i].bytes; at += sizeof(u32))
				write_form_u32(cache->start + slot * cache->size + MASKED_FIELDS[i].offset + at,
					       MASKED_FIELDS[i].value);
	}
	for (i = 0; i < nr_objects; i++)
		if (is_left_anon_vma(objects + i))
			write_form_word(place_of(objects + i) + offsetof(struct anon_vma, parent), 0);
}

/* Puts pages on the lists that their flags say, in the order of frames. */
static void write_lru(void)
{
	word *last[NR_LRU_LISTS];
	unsigned int i;

	for (i = 0; i < NR_LRU_LISTS; i++)
		last[i] = (word *)&contig_page_data.__lruvec.lists[i];
	for (i = IMAGE_FIRST_FRAME; i < frames_in_form; i++) {
		struct page *page = image_pages + frame_at_place[i];
		word *here = (word *)&image_pages[i].lru;
		unsigned int list;

		if (!on_lru(page))
			continue;
		list = folio_lru_list((struct folio *)page);
		if (list == LRU_UNEVICTABLE)
			continue;
		write_form_word(last[list], (word)here);
		write_form_word(here + 1, (word)last[list]);
		last[list] = here;
	}
	for (i = 0; i < NR_LRU_LISTS; i++) {
		word *head = (word *)&contig_page_data.__lruvec.lists[i];

		if (i == LRU_UNEVICTABLE)
			continue;
		write_form_word(last[i], (word)head);
		write_form_word(head + 1, (word)last[i]);
	}
}

static void place_frames(void)
{
	unsigned int next = IMAGE_FIRST_FRAME, order, i, j;

	for (i = 0; i < IMAGE_FIRST_FRAME; i++)
		frame_of_frame[i] = i;
	for (order = ORDERS; order--;)
		for (i = 0; i < nr_blocks[order]; i++)
			for (j = 0; j < 1u << order; j++) {
				frame_at_place[next] = blocks[order][i] + j;
				frame_of_frame[blocks[order][i] + j] = next++;
			}
	frames_in_form = next;
}

/* Writes which of the frames, or slots of a cache, are used: those before a position, as it was before another one. */
static __always_inline void write_used(unsigned char *used, unsigned int end, unsigned int end_before)
{
	unsigned int i;

	for (i = min(end, end_before); i < max(end, end_before); i++)
		write_form_byte(used + i, i < end);
}

/* Writes which frames and slots are used, and clears the others. */
static void write_all_used(void)
{
	unsigned int i;

	write_used(image_frame_used, frames_in_form, frames_loaded);
	for (i = frames_in_form; i < frames_end; i++) {
		write_form(image_pages + i, pristine_page, sizeof(struct page));
		clear_form(image_frames[i], FRAME_BYTES);
	}
	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;

		write_used(cache->used, slots_found[i], slots_loaded[i]);
		if (slots_found[i] < slots_end[i])
			clear_form(cache->start + slots_found[i] * cache->size,
				   (slots_end[i] - slots_found[i]) * cache->size);
	}
}

/* @returns the first of a number of bytes, a multiple of 8, that differs; the number where none does */
static __always_inline unsigned int first_difference(const unsigned char *a, const unsigned char *b, unsigned int first,
						     unsigned int number)
{
	unsigned int i;

	for (i = first; i < number && *(const u64 *)(a + i) == *(const u64 *)(b + i);)
		i += 8;
	while (i < number && a[i] == b[i])
		i++;
	return i;
}

static void look_for_leaks(void)
{
	unsigned int i = first_difference(image_frame_used, found_frames, IMAGE_FIRST_FRAME, IMAGE_FRAMES);

	if (i < IMAGE_FRAMES)
		image_fault(image_frame_used[i] ? "page-leaked" : "free-page-referenced");
	i = first_difference(image_slot_used, found_slots, 0, IMAGE_SLOTS);
	if (i < IMAGE_SLOTS)
		image_fault(image_slot_used[i] ? "object-leaked" : "free-object-referenced");
}

static void write_all_owners(void)
{
	unsigned int i;

	for (i = 0; i < nr_objects; i++)
		if (objects[i].is_block && objects[i].order)
			write_owners((struct folio *)objects[i].start, (struct folio *)place_of(objects + i));
}

/* Makes the form with the order of processes that is chosen. @returns how many chunks of it differ */
static unsigned int make_form(enum naming naming)
{
	unsigned int i;

	__builtin_memset(found_slots, 0, sizeof(found_slots));
	__builtin_memset(found_frames, 0, sizeof(found_frames));
	__builtin_memset(slots_found, 0, sizeof(slots_found));
	__builtin_memset(nr_blocks, 0, sizeof(nr_blocks));
	nr_objects = nr_pointers = 0;

	find_loaded_ends();
	for (i = 0; i < IMAGE_MMS; i++)
		found((word)image_mms[process_order[i]]);
	for (i = 0; i < nr_statics; i++)
		/* A range may begin between two words; a pointer does not. */
		for_each_pointer(PTR_ALIGN((word *)statics[i].start, sizeof(word)), (word *)statics[i].stop,
				 found_pointer);
	nr_static_pointers = nr_pointers;
	for (i = 0; i < nr_objects; i++) {
		if (objects[i].is_block)
			scan_block(objects + i);
		else
			scan_slot(objects + i);
		pointers_end[i] = nr_pointers;
	}
	place_frames();
	look_for_leaks();
	copy_dirty_chunks();
	write_all_used();
	write_moved();
	mask_fields();
	write_lru();
	write_names(naming);
	if (naming == CANONICAL)
		write_all_owners();
	return compare_form();
}

/*
 * Makes the form with each order of the processes that is open, and keeps the one with the smallest hash. Two with one hash are taken
 * for equal: where they are not, states that differ in names only are two states.
 */
static unsigned int make_smallest_form(enum naming naming)
{
	unsigned int number = find_orders(naming), count = make_form(naming), best = 0, i;
	u64 smallest = form_hash;

	for (i = 1; i < number; i++) {
		forget_form();
		choose_order(i);
		count = make_form(naming);
		if (form_hash < smallest) {
			smallest = form_hash;
			best = i;
		}
	}
	if (best != number - 1) {
		forget_form();
		choose_order(best);
		count = make_form(naming);
	}
	number_changed(count);
	return count;
}

/*
 * Makes the form of the memory as it is, after an operation.
 *
 * @returns how many chunks of it differ from the state that was loaded last: see `changed_chunks`
 */
EXPORT("canonicalize") unsigned int canonicalize(enum naming naming)
{
	find_dirty_chunks();
	return nr_dirty_chunks ? make_smallest_form(naming) : 0;
}

/* Makes another form of the state that was loaded last. @returns as canonicalize() */
EXPORT("rename") unsigned int rename_loaded(enum naming naming)
{
	find_dirty_chunks();
	return make_smallest_form(naming);
}
