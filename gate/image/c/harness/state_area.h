/* The memory that is a state, and copies of it. */
#ifndef _IMAGE_STATE_AREA_H
#define _IMAGE_STATE_AREA_H

#include "chunk.h"

/* More than a state has. The workspace of the harness, which lies among them, counts. */
#define CHUNKS 5120

/* The state area. Both copies are as large: the state that was loaded last, and the canonical form of the memory as it is. */
extern struct span state_area;
extern unsigned char *loaded_copy, *form_copy;

/* Chunks that differ from the state that was loaded last. */
extern unsigned short dirty_chunks[CHUNKS];
extern unsigned int nr_dirty_chunks;

/* For each chunk, its words that may be pointers to objects, as bits, and whether there is one, as a bit for each chunk. */
extern unsigned short pointers_now[CHUNKS];
extern u32 has_pointers[CHUNKS / 32];

static __always_inline unsigned int chunk_of(const void *address)
{
	return ((unsigned char *)address - state_area.start) / CHUNK_BYTES;
}

static __always_inline unsigned char *in_form(const void *address)
{
	return form_copy + ((unsigned char *)address - state_area.start);
}

static __always_inline unsigned char *in_loaded(const void *address)
{
	return loaded_copy + ((unsigned char *)address - state_area.start);
}

/* Calls a function with each word of a range that may be a pointer. The range begins and ends between words. */
static __always_inline void for_each_pointer(word *from, word *to, void (*found)(word *at))
{
	unsigned int start = chunk_of(from), end = chunk_of((unsigned char *)to + CHUNK_BYTES - 1), group;

	for (group = start / 32; group * 32 < end; group++) {
		u32 chunks = has_pointers[group];

		if (group == start / 32)
			chunks &= ~0u << start % 32;
		for (; chunks; chunks &= chunks - 1) {
			unsigned int chunk = group * 32 + __builtin_ctz(chunks);
			word *first = (word *)(state_area.start + chunk * CHUNK_BYTES);
			unsigned int bits = pointers_now[chunk];

			if (chunk >= end)
				return;
			if (first < from)
				bits &= ~0u << (from - first);
			if (first + CHUNK_WORDS > to)
				bits &= (1u << (to - first)) - 1;
			for (; bits; bits &= bits - 1)
				found(first + __builtin_ctz(bits));
		}
	}
}

void set_up_state_area(struct span area, unsigned char *copies, unsigned char *dirty, struct span pointed);
/* Looks for dirty chunks, among those that were written to, and for words in them that may be pointers. */
void find_dirty_chunks(void);
/* Writes to the form, to where an address of the state area is in it. */
void write_form(void *to, const void *from, unsigned int bytes);
/* A chunk as the memory has it. */
void write_form_chunk(unsigned int chunk);
void clear_form(void *to, unsigned int bytes);
void write_form_byte(void *to, unsigned char value);
void write_form_u32(void *to, u32 value);
void write_form_word(void *to, word value);
/* Takes down which chunks of the form differ from the state that was loaded last, in `changed_chunks`. @returns how many */
unsigned int compare_form(void);
/* Takes down the numbers of their contents, in `changed_numbers`. */
void number_changed(unsigned int count);
/* A hash of the form that compare_form() compared. */
extern u64 form_hash;
/* Makes the form equal to the state that was loaded last. */
void forget_form(void);

#endif
