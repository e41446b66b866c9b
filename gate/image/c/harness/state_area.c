/*
 * The memory that is a state. Code before each store of the image marks the chunk that is written to, so that nothing here walks
 * through all of the memory: what is undone, searched for pointers, copied and compared are chunks that were written to.
 *
 * Between operations the memory, the state that was loaded last, and the form are equal.
 */
#include "harness.h"
#include "state_area.h"

WORKSPACE struct span state_area;
WORKSPACE unsigned char *loaded_copy, *form_copy;
WORKSPACE unsigned short dirty_chunks[CHUNKS];
WORKSPACE unsigned int nr_dirty_chunks;

/* One byte for each chunk: 0xff where it was written to. */
static WORKSPACE unsigned char *dirty;
static WORKSPACE unsigned int nr_chunks;
/* Whether a chunk that does not differ counts as dirty, too. */
static WORKSPACE bool is_all_dirty;

/* The chunks that have no state in them, and the groups of 16 that have none. */
static WORKSPACE unsigned int workspace_first, workspace_end, hole_first, hole_end;

WORKSPACE unsigned short pointers_now[CHUNKS];
WORKSPACE u32 has_pointers[CHUNKS / 32];
/* In the state that was loaded last. */
static WORKSPACE unsigned short pointers_loaded[CHUNKS];

/* Hashes of the chunks of the state that was loaded last, with their numbers, and the sum. */
static WORKSPACE u32 loaded_hashes[CHUNKS];
static WORKSPACE u64 loaded_hash;
WORKSPACE u64 form_hash;

/* Chunks in which the form may differ from the state that was loaded last. */
static WORKSPACE unsigned char is_form_written[CHUNKS];
static WORKSPACE unsigned short written_chunks[CHUNKS];
static WORKSPACE unsigned int nr_written_chunks;

/*
 * Positions of chunks, and the numbers of their contents; 0: what they had in the first state. Between compare_form() and
 * number_changed(), the hashes of their contents.
 */
static WORKSPACE unsigned short changed_chunks[CHUNKS];
static WORKSPACE u32 changed_numbers[CHUNKS];
static WORKSPACE u32 first_numbers[CHUNKS];

/* A word is a pointer to an object where it lies in here. */
static WORKSPACE word lowest, extent;

/* Memory of the harness itself within the state area. */
extern char __start_workspace[], __stop_workspace[];

static __always_inline SIMD unsigned int pointers_in(const unsigned char *chunk)
{
	unsigned int i, found = 0;

	for (i = 0; i < CHUNK_WORDS; i += LANES)
		found |= lanes_set(((const vector *)chunk)[i / LANES] - lowest < extent) << i;
	return found;
}

/* A hash of a chunk and its position. */
static __always_inline u32 placed_hash(u32 hash, unsigned int chunk)
{
	hash = (hash ^ chunk) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

static __always_inline void set_pointers(unsigned int chunk, unsigned int words)
{
	pointers_now[chunk] = words;
	if (words)
		has_pointers[chunk / 32] |= 1u << chunk % 32;
	else
		has_pointers[chunk / 32] &= ~(1u << chunk % 32);
}

/* Copies a chunk of the state that was loaded last to the memory. */
static __always_inline SIMD void restore(unsigned int chunk)
{
	unsigned char *from = state_area.start + chunk * CHUNK_BYTES, *to = from + CHUNK_BYTES;
	unsigned char *hole = (unsigned char *)__start_workspace, *after = (unsigned char *)__stop_workspace;

	if (to <= hole || from >= after) {
		copy_chunk(from, in_loaded(from));
		return;
	}
	for (; from < to; from++)
		if (from < hole || from >= after)
			*from = *in_loaded(from);
}

SIMD void forget_form(void)
{
	unsigned int i;

	for (i = 0; i < nr_written_chunks; i++) {
		unsigned int chunk = written_chunks[i];

		copy_chunk(form_copy + chunk * CHUNK_BYTES, loaded_copy + chunk * CHUNK_BYTES);
		is_form_written[chunk] = 0;
	}
	nr_written_chunks = 0;
}

/* Lets every chunk count as dirty, when the form is made again. */
EXPORT("mark_all") void mark_all(void)
{
	unsigned int chunk;

	forget_form();
	is_all_dirty = true;
	for (chunk = 0; chunk < nr_chunks; chunk++)
		dirty[chunk] = 0xff;
}

/* @returns whether the memory differs from the state that was loaded last */
EXPORT("is_changed") bool is_changed(void)
{
	const unsigned char *at;

	for (at = state_area.start; at < state_area.stop; at++)
		if (at == (unsigned char *)__start_workspace)
			at = (unsigned char *)__stop_workspace - 1;
		else if (*at != *in_loaded(at))
			return true;
	return false;
}

void set_up_state_area(struct span area, unsigned char *copies, unsigned char *dirty_bytes, struct span pointed)
{
	unsigned int bytes = area.stop - area.start;

	state_area = area;
	loaded_copy = copies;
	form_copy = copies + bytes;
	dirty = dirty_bytes;
	nr_chunks = bytes / CHUNK_BYTES;
	if (nr_chunks > CHUNKS)
		image_fault("no-room-for-state");
	workspace_first = chunk_of(__start_workspace + CHUNK_BYTES - 1);
	workspace_end = chunk_of(__stop_workspace);
	hole_first = round_up(workspace_first, 16);
	hole_end = round_down(workspace_end, 16);
	lowest = (word)pointed.start;
	extent = pointed.stop - pointed.start;
	__builtin_memcpy(form_copy, area.start, bytes);
	__builtin_memcpy(loaded_copy, area.start, bytes);
	mark_all();
}

/* Goes through groups of 16 chunks that have state in them. */
#define for_each_group(first) \
	for ((first) = 0; (first) < nr_chunks; (first) = (first) + 16 == hole_first ? hole_end : (first) + 16)

/* @returns a bit for each of 16 chunks */
static __always_inline SIMD unsigned int dirty_among(unsigned int first)
{
	return __builtin_wasm_bitmask_i8x16(*(const byte_vector *)(dirty + first));
}

SIMD void find_dirty_chunks(void)
{
	unsigned int first, bits;

	nr_dirty_chunks = 0;
	for_each_group(first) for (bits = dirty_among(first); bits; bits &= bits - 1)
	{
		unsigned int chunk = first + __builtin_ctz(bits);
		const unsigned char *at = state_area.start + chunk * CHUNK_BYTES;

		if (chunk >= nr_chunks || chunk - workspace_first < workspace_end - workspace_first ||
		    (!is_all_dirty && !chunk_differs(at, in_loaded(at))))
			continue;
		dirty_chunks[nr_dirty_chunks++] = chunk;
		set_pointers(chunk, pointers_in(at));
	}
}

/* @returns the number of chunks that differ from the state that was loaded last: the first of `dirty_chunks` */
EXPORT("find_dirty") unsigned int find_dirty(void)
{
	find_dirty_chunks();
	return nr_dirty_chunks;
}

EXPORT("dirty_list") unsigned int address_of_dirty_chunks(void) { return (unsigned long)dirty_chunks; }

/* A chunk that a suspended operation wrote. */
struct saved_chunk {
	unsigned int chunk;
	unsigned char contents[CHUNK_BYTES];
};

/* Gives chunks other contents, as if an operation had written them, but for memory that is no state. */
EXPORT("put_chunks") void put_chunks(unsigned int count, unsigned int saved_at)
{
	unsigned char *hole = (unsigned char *)__start_workspace, *after = (unsigned char *)__stop_workspace;
	const struct saved_chunk *saved = (const struct saved_chunk *)(unsigned long)saved_at;
	unsigned int i;

	for (; count--; saved++) {
		unsigned char *to = state_area.start + saved->chunk * CHUNK_BYTES;

		dirty[saved->chunk] = 0xff;
		if (to + CHUNK_BYTES <= hole || to >= after) {
			__builtin_memcpy(to, saved->contents, CHUNK_BYTES);
			continue;
		}
		for (i = 0; i < CHUNK_BYTES; i++)
			if (to + i < hole || to + i >= after)
				to[i] = saved->contents[i];
	}
}

/* Undoes what an operation did. */
EXPORT("undo") SIMD void undo(void)
{
	unsigned int first, bits;

	for_each_group(first)
	{
		bits = dirty_among(first);
		if (!bits)
			continue;
		for (; bits; bits &= bits - 1) {
			unsigned int chunk = first + __builtin_ctz(bits);

			if (chunk >= nr_chunks)
				break;
			restore(chunk);
			set_pointers(chunk, pointers_loaded[chunk]);
		}
		*(byte_vector *)(dirty + first) = (byte_vector){};
	}
	forget_form();
	is_all_dirty = false;
}

/* Makes a chunk of the copy of the state that was loaded last part of it. */
static __always_inline SIMD void take_over(unsigned int chunk)
{
	const unsigned char *from = loaded_copy + chunk * CHUNK_BYTES;
	u32 hash = placed_hash(hash_of_chunk(from), chunk);

	loaded_hash += (u64)hash - loaded_hashes[chunk];
	loaded_hashes[chunk] = hash;
	restore(chunk);
	copy_chunk(form_copy + chunk * CHUNK_BYTES, from);
	pointers_loaded[chunk] = pointers_in(from);
	set_pointers(chunk, pointers_loaded[chunk]);
}

/* Makes the form the first state. */
EXPORT("begin") SIMD void begin_with_form(void)
{
	unsigned int chunk;

	for (chunk = 0; chunk < nr_chunks; chunk++) {
		unsigned char *from = form_copy + chunk * CHUNK_BYTES;

		copy_chunk(loaded_copy + chunk * CHUNK_BYTES, from);
		first_numbers[chunk] = chunk_number(from, hash_of_chunk(from));
	}
	undo();
	for (chunk = 0; chunk < nr_chunks; chunk++)
		take_over(chunk);
}

/* Loads another state: the chunks in which it differs are the first of `changed_chunks`. */
EXPORT("load") SIMD void load_changed(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int chunk = changed_chunks[i], number = changed_numbers[i];

		copy_chunk(loaded_copy + chunk * CHUNK_BYTES, numbered_chunk(number ? number : first_numbers[chunk]));
		take_over(chunk);
	}
}

EXPORT("changed_chunks") unsigned int address_of_changed_chunks(void) { return (unsigned long)changed_chunks; }

EXPORT("changed_numbers") unsigned int address_of_changed_numbers(void) { return (unsigned long)changed_numbers; }

static __always_inline void mark_written(const void *at, unsigned int bytes)
{
	unsigned int chunk = chunk_of(at), last = chunk_of((const unsigned char *)at + bytes - 1);

	for (; chunk <= last; chunk++)
		if (!is_form_written[chunk]) {
			is_form_written[chunk] = 1;
			written_chunks[nr_written_chunks++] = chunk;
		}
}

void write_form(void *to, const void *from, unsigned int bytes)
{
	unsigned char *out = in_form(to);
	const unsigned char *in = from;

	mark_written(to, bytes);
	/* Instructions that copy memory are slow for so little. */
	for (; bytes >= sizeof(u64); bytes -= sizeof(u64), in += sizeof(u64), out += sizeof(u64))
		*(u64 *)out = *(const u64 *)in;
	for (; bytes; bytes--)
		*out++ = *in++;
}

SIMD void write_form_chunk(unsigned int chunk)
{
	unsigned char *from = state_area.start + chunk * CHUNK_BYTES;

	mark_written(from, CHUNK_BYTES);
	copy_chunk(in_form(from), from);
}

void clear_form(void *to, unsigned int bytes)
{
	unsigned char *out = in_form(to);

	mark_written(to, bytes);
	for (; bytes >= sizeof(u64); bytes -= sizeof(u64), out += sizeof(u64))
		*(u64 *)out = 0;
	for (; bytes; bytes--)
		*out++ = 0;
}

void write_form_byte(void *to, unsigned char value)
{
	if (*in_form(to) == value)
		return;
	*in_form(to) = value;
	mark_written(to, 1);
}

void write_form_u32(void *to, u32 value)
{
	if (*(u32 *)in_form(to) == value)
		return;
	*(u32 *)in_form(to) = value;
	mark_written(to, sizeof(u32));
}

void write_form_word(void *to, word value)
{
	if (*(word *)in_form(to) == value)
		return;
	*(word *)in_form(to) = value;
	mark_written(to, sizeof(word));
}

SIMD unsigned int compare_form(void)
{
	unsigned int i, count = 0;

	form_hash = loaded_hash;
	for (i = 0; i < nr_written_chunks; i++) {
		unsigned int chunk = written_chunks[i], at = chunk * CHUNK_BYTES;

		if (!chunk_differs(form_copy + at, loaded_copy + at))
			continue;
		changed_chunks[count] = chunk;
		changed_numbers[count] = hash_of_chunk(form_copy + at);
		form_hash += (u64)placed_hash(changed_numbers[count++], chunk) - loaded_hashes[chunk];
	}
	return count;
}

void number_changed(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int chunk = changed_chunks[i];
		u32 number = chunk_number(form_copy + chunk * CHUNK_BYTES, changed_numbers[i]);

		changed_numbers[i] = number == first_numbers[chunk] ? 0 : number;
	}
}
