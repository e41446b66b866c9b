/*
 * The canonical form of a state. Objects are found from static data along pointers, numbered in the order in which they are
 * found, and placed by number: slots of each slab cache from its start, blocks of frames from the first frame, the largest first,
 * so that each is aligned to its size. Two states with the same form differ in the names of slots and frames only, which kernel
 * code does not look at: it looks at neighbours within a folio only.
 *
 * A word that lies in the memory of objects is a pointer: the image is linked to addresses that no other word has. Page tables
 * have frame numbers, and are known by the type of their page. Lists of the LRU are put into the order of their pages.
 *
 * An object that is used and not found is a leak.
 */
#include "harness.h"
#include "contents.h"
#include "regions.h"

typedef unsigned long word;
#define CHUNK_BYTES 64

/* The state area, and copies of it: at boot, of the state that was loaded last, of the form that was made last. */
static WORKSPACE unsigned char *start, *stop, *loaded, *form;
static WORKSPACE unsigned char pristine_page[sizeof(struct page)];

struct span { unsigned char *start, *stop; };
#define STATIC_RANGES 16
static WORKSPACE struct span statics[STATIC_RANGES];
static WORKSPACE unsigned int nr_statics;
static WORKSPACE unsigned short static_pointers_end[STATIC_RANGES];

/* Canonical numbers plus 1; 0 is not found yet. */
static WORKSPACE unsigned short number_of_slot[IMAGE_SLOTS];
static WORKSPACE unsigned char found_frame[IMAGE_FRAMES], frame_of_frame[IMAGE_FRAMES];
static WORKSPACE unsigned int slots_found[IMAGE_CACHES], slots_written[IMAGE_CACHES];
static WORKSPACE unsigned int frames_written;
static WORKSPACE unsigned short changed[4096];

struct object {
	unsigned char *start;
	unsigned short words;
	/* Of a slab cache, or -1: a block of 1 << order frames. */
	signed char cache;
	unsigned char order;
	unsigned short index;
};
static WORKSPACE struct object objects[IMAGE_SLOTS + IMAGE_FRAMES];
static WORKSPACE unsigned int nr_objects;

/* Words that are pointers to objects, in the order in which they are found: those of static data, then those of each object. */
#define POINTERS 8192
static WORKSPACE word *pointers[POINTERS];
static WORKSPACE unsigned int nr_pointers, nr_static_pointers;
static WORKSPACE unsigned short pointers_end[IMAGE_SLOTS + IMAGE_FRAMES];

/* Whether a word may be a pointer to an object: one comparison for most that are none. */
static WORKSPACE word lowest, extent;
#define MAY_POINT(value) ((value) - lowest < extent)

extern char __start_workspace[], __stop_workspace[];

static unsigned char *in_form(const void *address)
{
	return form + ((unsigned char *)address - start);
}

static void add_static(unsigned char *from, unsigned char *to)
{
	if (from >= to)
		return;
	if (nr_statics == STATIC_RANGES)
		image_fault("too many ranges of static data");
	statics[nr_statics++] = (struct span){ from, to };
}

/* Parts of the state area that are no static data, or no state. They are pointers to objects: not in constant data, which is scanned. */
static WORKSPACE struct span holes[] = {
	{ (unsigned char *)image_frames, (unsigned char *)(image_frames + IMAGE_FRAMES) },
	{ (unsigned char *)image_pages, (unsigned char *)(image_pages + IMAGE_FRAMES) },
	{ image_frame_used, image_frame_used + IMAGE_FRAMES },
	{ image_slots, image_slots + IMAGE_SLOT_BYTES },
	{ image_slot_used, image_slot_used + IMAGE_SLOTS },
	{ (unsigned char *)__start_workspace, (unsigned char *)__stop_workspace },
	{ (unsigned char *)&contig_page_data.__lruvec.lists,
	  (unsigned char *)&contig_page_data.__lruvec.lists + sizeof(contig_page_data.__lruvec.lists) },
};

/*
 * Addresses are below 4 GiB in a 64-bit image, too.
 *
 * @returns where the numbers of changed chunks are written
 */
EXPORT("canonical_setup") unsigned int canonical_setup(unsigned int state_at, unsigned int state_end_at, unsigned int copies_at)
{
	unsigned char *state = (unsigned char *)(unsigned long)state_at;
	unsigned char *state_end = (unsigned char *)(unsigned long)state_end_at;
	unsigned char *copies = (unsigned char *)(unsigned long)copies_at;
	unsigned char *from = state;
	unsigned int i, j;

	start = state;
	stop = state_end;
	loaded = copies;
	form = copies + (state_end - state);
	for (i = 0; i < ARRAY_SIZE(holes); i++)
		for (j = i + 1; j < ARRAY_SIZE(holes); j++)
			if (holes[j].start < holes[i].start)
				swap(holes[i], holes[j]);
	nr_statics = 0;
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		add_static(from, holes[i].start);
		from = holes[i].stop;
	}
	add_static(from, state_end);
	lowest = min3((word)image_frames, (word)image_pages, (word)image_slots);
	extent = max3((word)image_frames + sizeof(image_frames), (word)image_pages + sizeof(image_pages),
		      (word)image_slots + IMAGE_SLOT_BYTES) - lowest;
	memcpy(pristine_page, image_pages + IMAGE_FRAMES - 1, sizeof(struct page));
	memcpy(form, state, state_end - state);
	memcpy(loaded, state, state_end - state);
	return (unsigned long)changed;
}

static void found_block(unsigned long pfn)
{
	struct page *page = image_pages + pfn, *head = compound_head(page);
	unsigned int order = PageHead(head) ? compound_order(head) : 0, i;

	pfn = head - image_pages;
	if (found_frame[pfn])
		return;
	for (i = 0; i < 1u << order; i++)
		found_frame[pfn + i] = 1;
	objects[nr_objects++] = (struct object){ (unsigned char *)head, sizeof(struct page) / sizeof(word) << order, -1, order, pfn };
}

static void found_slot(unsigned long offset)
{
	unsigned char *address = image_slots + offset;
	unsigned int i, slot, global;

	for (i = image_nr_caches; i--;) {
		struct image_cache *cache = image_caches + i;

		if (address < cache->start)
			continue;
		slot = (address - cache->start) / cache->size;
		if (slot >= cache->slots)
			return;
		global = cache->used - image_slot_used + slot;
		if (!number_of_slot[global]) {
			number_of_slot[global] = ++slots_found[i];
			objects[nr_objects++] = (struct object){ cache->start + slot * cache->size, cache->size / sizeof(word), i, 0, slot };
		}
		return;
	}
}

static void found(word value)
{
	if (value - (word)image_slots < IMAGE_SLOT_BYTES)
		found_slot(value - (word)image_slots);
	else if (value - (word)image_pages < sizeof(image_pages))
		found_block((value - (word)image_pages) / sizeof(struct page));
	else if (value - (word)image_frames < sizeof(image_frames))
		found_block((value - (word)image_frames) >> FRAME_SHIFT);
}

static word renamed(word value)
{
	word offset = value - (word)image_slots;

	if (offset < IMAGE_SLOT_BYTES) {
		unsigned int i;

		for (i = image_nr_caches; i--;) {
			struct image_cache *cache = image_caches + i;
			word slot;

			if ((unsigned char *)value < cache->start)
				continue;
			slot = (value - (word)cache->start) / cache->size;
			if (slot >= cache->slots)
				return value;
			return value + ((word)number_of_slot[cache->used - image_slot_used + slot] - 1 - slot) * cache->size;
		}
		return value;
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


static word entry_renamed(word entry)
{
	return entry_has_frame(entry) ? (entry & ~PAGE_MASK) | ((word)frame_of_frame[entry >> PAGE_SHIFT] << PAGE_SHIFT) : entry;
}

typedef word vector __attribute__((vector_size(16)));
#define LANES (16 / sizeof(word))
#define SIMD __attribute__((target("simd128")))

/* Whether one of the words of a vector may be a pointer. */
static inline SIMD bool vector_may_point(const word *words)
{
	vector offsets = *(const vector *)words - lowest;

	return __builtin_wasm_any_true_v128((signed char __attribute__((vector_size(16))))(offsets < extent));
}

static void found_pointer(word *at)
{
	if (nr_pointers == POINTERS)
		image_fault("the harness has no room for so many pointers");
	pointers[nr_pointers++] = at;
	found(*at);
}

static SIMD void scan(word *words, unsigned int number)
{
	unsigned int i = 0, lane;

	for (; ((word)(words + i) & 15) && i < number; i++)
		if (MAY_POINT(words[i]))
			found_pointer(words + i);
	for (; i + LANES <= number; i += LANES)
		if (vector_may_point(words + i))
			for (lane = 0; lane < LANES; lane++)
				if (MAY_POINT(words[i + lane]))
					found_pointer(words + i + lane);
	for (; i < number; i++)
		if (MAY_POINT(words[i]))
			found_pointer(words + i);
}

static bool on_lru(const struct object *object)
{
	return object->cache < 0 && PageLRU((struct page *)object->start);
}

#define LRU_WORD (offsetof(struct page, lru) / sizeof(word))

static void scan_block(const struct object *object)
{
	word *words = (word *)object->start;
	unsigned int i, first = on_lru(object) ? LRU_WORD + 2 : 0;

	/* The flags before the list are no pointers. */
	scan(words + first, object->words - first);
	if (PageTable((struct page *)object->start)) {
		const word *entries = (const word *)image_frames[object->index];

		for (i = 0; i < FRAME_BYTES / sizeof(word); i++)
			if (entry_has_frame(entries[i]))
				found_block(entries[i] >> PAGE_SHIFT);
	}
}

/* Copies memory to another place in the form, with the names that the form has. */
static void write(unsigned char *to, unsigned char *from, unsigned int bytes, unsigned int first_pointer, unsigned int last_pointer)
{
	unsigned int i;

	memcpy(to, from, bytes);
	for (i = first_pointer; i < last_pointer; i++)
		*(word *)(to + ((unsigned char *)pointers[i] - from)) = renamed(*pointers[i]);
}

static void write_object(unsigned char *to, const struct object *object)
{
	unsigned int number = object - objects;

	write(in_form(to), object->start, object->words * sizeof(word), number ? pointers_end[number - 1] : nr_static_pointers,
	      pointers_end[number]);
}

static void write_block(const struct object *object)
{
	unsigned int pfn = object->index, to = frame_of_frame[pfn], i;

	write_object((unsigned char *)(image_pages + to), object);
	if (to >= IMAGE_FIRST_FRAME)
		memset(in_form(image_frame_used + to), 1, 1 << object->order);
	if (PageTable((struct page *)object->start)) {
		const word *entries = (const word *)image_frames[pfn];
		word *out = (word *)in_form(image_frames[to]);

		for (i = 0; i < FRAME_BYTES / sizeof(word); i++)
			out[i] = entry_renamed(entries[i]);
	} else {
		memcpy(in_form(image_frames[to]), image_frames[pfn], FRAME_BYTES << object->order);
	}
}

static void write_slot(const struct object *object)
{
	struct image_cache *cache = image_caches + object->cache;
	unsigned int number = number_of_slot[cache->used - image_slot_used + object->index] - 1;

	write_object(cache->start + number * cache->size, object);
	*in_form(cache->used + number) = 1;
}

/* Fields that say nothing of what happens next, in objects of a cache: they have one value in every form. */
static const struct { const char *cache; unsigned short offset, bytes; unsigned char value; const char *reason; } MASKED_FIELDS[] = {
	{ "mm_struct", offsetof(struct mm_struct, hiwater_rss), sizeof(long), 0, "high-water mark" },
	{ "mm_struct", offsetof(struct mm_struct, hiwater_vm), sizeof(long), 0, "high-water mark" },
	{ "mm_struct", offsetof(struct mm_struct, mm_lock_seq), sizeof(seqcount_t), 0, "sequence count: no VMA is locked at rest" },
	{ "mm_struct", offsetof(struct mm_struct, write_protect_seq), sizeof(seqcount_t), 0, "sequence count: no fork is under way at rest" },
	{ "vm_area_struct", offsetof(struct vm_area_struct, vm_lock_seq), sizeof(int), 0xff, "sequence count: not that of the MM" },
};

static void mask_fields(void)
{
	unsigned int i, j, slot;

	for (i = 0; i < ARRAY_SIZE(MASKED_FIELDS); i++)
		for (j = 0; j < image_nr_caches; j++)
			if (image_caches[j].name == MASKED_FIELDS[i].cache || !strcmp(image_caches[j].name, MASKED_FIELDS[i].cache))
				for (slot = 0; slot < slots_found[j]; slot++)
					memset(in_form(image_caches[j].start + slot * image_caches[j].size + MASKED_FIELDS[i].offset),
					       MASKED_FIELDS[i].value, MASKED_FIELDS[i].bytes);
}

/* Puts pages on the lists that their flags say, in the order of frames. */
static void write_lru(void)
{
	word *last[NR_LRU_LISTS];
	unsigned char original[IMAGE_FRAMES];
	unsigned int i;

	memset(original, 0, sizeof(original));
	for (i = 0; i < nr_objects; i++)
		if (on_lru(objects + i))
			original[frame_of_frame[objects[i].index]] = objects[i].index;
	for (i = 0; i < NR_LRU_LISTS; i++)
		last[i] = (word *)&contig_page_data.__lruvec.lists[i];
	for (i = 0; i < IMAGE_FRAMES; i++) {
		word *here = (word *)&image_pages[i].lru;
		unsigned int list;

		if (!original[i])
			continue;
		list = folio_lru_list((struct folio *)(image_pages + original[i]));
		if (list == LRU_UNEVICTABLE)
			continue;
		((word *)in_form(last[list]))[0] = (word)here;
		((word *)in_form(here))[1] = (word)last[list];
		last[list] = here;
	}
	for (i = 0; i < NR_LRU_LISTS; i++) {
		word *head = (word *)&contig_page_data.__lruvec.lists[i];

		if (i == LRU_UNEVICTABLE)
			continue;
		((word *)in_form(last[i]))[0] = (word)head;
		((word *)in_form(head))[1] = (word)last[i];
	}
}

static void place_frames(void)
{
	unsigned int next = IMAGE_FIRST_FRAME, order, i, j;

	for (i = 0; i < IMAGE_FIRST_FRAME; i++)
		frame_of_frame[i] = i;
	for (order = PMD_SHIFT - PAGE_SHIFT + 1; order--;)
		for (i = 0; i < nr_objects; i++) {
			if (objects[i].cache >= 0 || objects[i].order != order)
				continue;
			if (objects[i].index < IMAGE_FIRST_FRAME)
				continue;
			for (j = 0; j < 1u << order; j++)
				frame_of_frame[objects[i].index + j] = next++;
		}
	/* Clears frames that the last form used and this one does not. */
	for (i = next; i < frames_written; i++) {
		memcpy(in_form(image_pages + i), pristine_page, sizeof(struct page));
		memset(in_form(image_frames[i]), 0, FRAME_BYTES);
		*in_form(image_frame_used + i) = 0;
	}
	frames_written = next;
}

static void clear_slots(void)
{
	unsigned int i;

	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;

		if (slots_written[i] > slots_found[i]) {
			unsigned int number = slots_written[i] - slots_found[i];

			memset(in_form(cache->start + slots_found[i] * cache->size), 0, number * cache->size);
			memset(in_form(cache->used + slots_found[i]), 0, number);
		}
		slots_written[i] = slots_found[i];
	}
}

static void look_for_leaks(void)
{
	unsigned int i;

	for (i = IMAGE_FIRST_FRAME; i < IMAGE_FRAMES; i++)
		if (image_frame_used[i] != found_frame[i])
			image_fault(image_frame_used[i] ? "a page is leaked: it is in use, and nothing refers to it"
							: "something refers to a page that is free");
	for (i = 0; i < IMAGE_SLOTS; i++)
		if (image_slot_used[i] != !!number_of_slot[i])
			image_fault(image_slot_used[i] ? "an object is leaked: it is in use, and nothing refers to it"
						       : "something refers to an object that is free");
}

static WORKSPACE unsigned int changed_count;

static SIMD bool chunk_differs(const vector *a, const vector *b)
{
	vector difference = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]);

	return __builtin_wasm_any_true_v128((signed char __attribute__((vector_size(16))))difference);
}

/* Compares the chunks of a part of the state area that were not compared yet. Parts come in the order of addresses. */
static WORKSPACE unsigned int next_chunk;

static void compare(const void *from, const void *to)
{
	unsigned int chunk = max((unsigned int)((unsigned char *)from - start) / CHUNK_BYTES, next_chunk);
	unsigned int end = ((unsigned char *)to - start + CHUNK_BYTES - 1) / CHUNK_BYTES;

	for (; chunk < end; chunk++)
		if (chunk_differs((vector *)(form + chunk * CHUNK_BYTES), (vector *)(loaded + chunk * CHUNK_BYTES)))
			changed[changed_count++] = chunk;
	next_chunk = max(next_chunk, end);
}

static unsigned char *in_loaded(const void *address)
{
	return loaded + ((unsigned char *)address - start);
}

/* The end of what is used in both forms. Used frames and slots come first, without gaps. */
static unsigned int used_in_both(unsigned char *used, unsigned int in_this, unsigned int most)
{
	unsigned int count = in_this;

	while (count < most && in_loaded(used)[count])
		count++;
	return count;
}

/* Parts of the state area that may differ. */
static WORKSPACE struct span parts[STATIC_RANGES + IMAGE_CACHES + 8];
static WORKSPACE unsigned int nr_parts;

static void next_part(unsigned char *from, unsigned char *to)
{
	unsigned int i = nr_parts++;

	/* In the order of addresses: an insertion, of few. */
	for (; i && parts[i - 1].start > from; i--)
		parts[i] = parts[i - 1];
	parts[i] = (struct span){ from, to };
}

static unsigned int compare_with_loaded(void)
{
	unsigned int frames = used_in_both(image_frame_used, frames_written, IMAGE_FRAMES), i;

	next_part((unsigned char *)image_frames, (unsigned char *)image_frames[frames]);
	next_part((unsigned char *)image_pages, (unsigned char *)(image_pages + frames));
	next_part(image_frame_used, image_frame_used + IMAGE_FRAMES);
	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;

		next_part(cache->start, cache->start + used_in_both(cache->used, slots_written[i], cache->slots) * cache->size);
	}
	next_part(image_slot_used, image_slot_used + IMAGE_SLOTS);
	next_part((unsigned char *)&contig_page_data, (unsigned char *)(&contig_page_data + 1));
	for (i = 0; i < nr_statics; i++)
		next_part(statics[i].start, statics[i].stop);
	changed_count = next_chunk = 0;
	for (i = 0; i < nr_parts; i++)
		compare(parts[i].start, parts[i].stop);
	nr_parts = 0;
	return changed_count;
}

/*
 * Makes the canonical form of the memory as it is.
 *
 * @returns how many chunks of it differ from the state that was loaded last: their numbers are in `changed`
 */
EXPORT("canonicalize") unsigned int canonicalize(void)
{
	unsigned int i;

	memset(number_of_slot, 0, sizeof(number_of_slot));
	memset(found_frame, 0, sizeof(found_frame));
	memset(slots_found, 0, sizeof(slots_found));
	nr_objects = nr_pointers = 0;

	for (i = 0; i < nr_statics; i++) {
		/* A range may begin between two words; a pointer does not. */
		word *first = PTR_ALIGN((word *)statics[i].start, sizeof(word));

		scan(first, ((word *)statics[i].stop - first));
		static_pointers_end[i] = nr_pointers;
	}
	nr_static_pointers = nr_pointers;
	for (i = 0; i < nr_objects; i++) {
		if (objects[i].cache < 0)
			scan_block(objects + i);
		else
			scan((word *)objects[i].start, objects[i].words);
		pointers_end[i] = nr_pointers;
	}
	place_frames();
	clear_slots();
	look_for_leaks();
	for (i = 0; i < nr_statics; i++)
		write(in_form(statics[i].start), statics[i].start, statics[i].stop - statics[i].start,
		      i ? static_pointers_end[i - 1] : 0, static_pointers_end[i]);
	for (i = 0; i < nr_objects; i++) {
		if (objects[i].cache < 0)
			write_block(objects + i);
		else
			write_slot(objects + i);
	}
	mask_fields();
	write_lru();
	return compare_with_loaded();
}

/* Undoes what an operation did. */
EXPORT("undo") void undo(void)
{
	unsigned char *hole = (unsigned char *)__start_workspace, *after = (unsigned char *)__stop_workspace;

	memcpy(start, loaded, hole - start);
	memcpy(after, loaded + (after - start), stop - after);
}
