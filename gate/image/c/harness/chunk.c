/* The chunks that states have: each content is stored once, and has a number. */
#include "harness.h"
#include "chunk.h"

#define FIRST_SLOTS (1u << 12)

/* An open hash table: numbers of chunks, or 0. It has twice as many slots as there can be chunks in it. */
static WORKSPACE u32 *slots;
static WORKSPACE unsigned int nr_slots, nr_contents, most_contents;
static WORKSPACE unsigned char *contents;

const unsigned char *numbered_chunk(unsigned int number) { return contents + (unsigned long)number * CHUNK_BYTES; }

void set_up_chunks(struct span store)
{
	/* With two slots for each chunk. */
	most_contents = rounddown_pow_of_two((store.stop - store.start) / (CHUNK_BYTES + 2 * sizeof(u32)));
	slots = (u32 *)store.start;
	contents = store.start + 2ul * most_contents * sizeof(u32);
	nr_slots = FIRST_SLOTS;
	nr_contents = 1;
}

static SIMD void grow_slots(void)
{
	unsigned int number, slot;

	nr_slots *= 2;
	__builtin_memset(slots, 0, nr_slots * sizeof(u32));
	for (number = 1; number < nr_contents; number++) {
		for (slot = hash_of_chunk(numbered_chunk(number)) & (nr_slots - 1); slots[slot];)
			slot = (slot + 1) & (nr_slots - 1);
		slots[slot] = number;
	}
}

static SIMD unsigned int add_chunk(const unsigned char *content, unsigned int hash, unsigned int slot)
{
	if (nr_contents == most_contents)
		image_full("no room is left for so many different chunks of memory");
	copy_chunk(contents + (unsigned long)nr_contents * CHUNK_BYTES, content);
	slots[slot] = nr_contents;
	if (2 * ++nr_contents > nr_slots)
		grow_slots();
	return nr_contents - 1;
}

SIMD unsigned int chunk_number(const unsigned char *content, unsigned int hash)
{
	unsigned int slot, number;

	for (slot = hash & (nr_slots - 1); (number = slots[slot]); slot = (slot + 1) & (nr_slots - 1))
		if (!chunk_differs(numbered_chunk(number), content))
			return number;
	return add_chunk(content, hash, slot);
}

EXPORT("chunk_bytes") unsigned int image_chunk_bytes(void)
{
	return nr_contents * CHUNK_BYTES + nr_slots * sizeof(u32);
}
