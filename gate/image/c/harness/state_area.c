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

static WORKSPACE unsigned short changed_chunks[CHUNKS];
static WORKSPACE u32 changed_hashes[CHUNKS];

/* A word is a pointer to an object where it lies in here. */
static WORKSPACE word lowest, extent;

/* Memory of the harness itself within the state area. */
extern char __start_workspace[], __stop_workspace[];

typedef word vector __attribute__((vector_size(16)));
typedef signed char byte_vector __attribute__((vector_size(16)));
#define LANES (16 / sizeof(word))
#define SIMD __attribute__((target("simd128")))

static __always_inline SIMD unsigned int pointers_in(const unsigned char *chunk)
{
	unsigned int i, lane, found = 0;

	for (i = 0; i < CHUNK_WORDS; i += LANES) {
		vector offsets = ((const vector *)chunk)[i / LANES] - lowest;

		if (__builtin_wasm_any_true_v128((byte_vector)(offsets < extent)))
			for (lane = 0; lane < LANES; lane++)
				found |= (offsets[lane] < extent) << (i + lane);
	}
	return found;
}

/* Instructions that copy memory are slow for so little. */
static __always_inline SIMD void copy_chunk(unsigned char *to, const unsigned char *from)
{
	unsigned int i;

#pragma unroll
	for (i = 0; i < CHUNK_BYTES / 16; i++)
		((vector *)to)[i] = ((const vector *)from)[i];
}

static __always_inline SIMD bool chunk_differs(const vector *a, const vector *b)
{
	vector difference = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]);

	return __builtin_wasm_any_true_v128((byte_vector)difference);
}

typedef u32 hash_vector __attribute__((vector_size(16)));

static __always_inline SIMD u32 hash_of_chunk(const unsigned char *chunk)
{
	const hash_vector *words = (const hash_vector *)chunk;
	hash_vector hash = words[0] * 0x9e3779b1u ^ words[1];

	hash = (hash ^ hash >> 15) * 0x85ebca6bu ^ words[2];
	hash = (hash ^ hash >> 13) * 0xc2b2ae35u ^ words[3];
	hash = (hash ^ hash >> 16) * 0x27d4eb2fu;
	hash ^= hash >> 14;
	return (hash[0] * 3 ^ hash[1] * 5 ^ hash[2] * 7 ^ hash[3]) * 0x85ebca6bu;
}

/* A hash of a chunk and its number. */
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

/* Lets every chunk count as dirty. */
EXPORT("mark_all") void mark_all(void)
{
	unsigned int chunk;

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
		image_fault("the harness has no room for so large a state");
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
	for_each_group(first)
		for (bits = dirty_among(first); bits; bits &= bits - 1) {
			unsigned int chunk = first + __builtin_ctz(bits);
			const unsigned char *at = state_area.start + chunk * CHUNK_BYTES;

			if (chunk >= nr_chunks || chunk - workspace_first < workspace_end - workspace_first ||
			    (!is_all_dirty && !chunk_differs((const vector *)at, (const vector *)in_loaded(at))))
				continue;
			dirty_chunks[nr_dirty_chunks++] = chunk;
			set_pointers(chunk, pointers_in(at));
		}
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

/* Undoes what an operation did. */
EXPORT("undo") SIMD void undo(void)
{
	unsigned int first, bits;

	for_each_group(first) {
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

/* Takes over what was written to the copy of the state that was loaded last, in the first of `changed_chunks`. */
EXPORT("loaded_chunks") SIMD void loaded_chunks(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int chunk = changed_chunks[i];
		const unsigned char *from = loaded_copy + chunk * CHUNK_BYTES;
		u32 hash = placed_hash(hash_of_chunk(from), chunk);

		loaded_hash += (u64)hash - loaded_hashes[chunk];
		loaded_hashes[chunk] = hash;
		restore(chunk);
		copy_chunk(form_copy + chunk * CHUNK_BYTES, from);
		pointers_loaded[chunk] = pointers_in(from);
		set_pointers(chunk, pointers_loaded[chunk]);
	}
}

EXPORT("changed_chunks") unsigned int address_of_changed_chunks(void)
{
	return (unsigned long)changed_chunks;
}

EXPORT("changed_hashes") unsigned int address_of_changed_hashes(void)
{
	return (unsigned long)changed_hashes;
}

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

		if (!chunk_differs((vector *)(form_copy + at), (vector *)(loaded_copy + at)))
			continue;
		changed_chunks[count] = chunk;
		changed_hashes[count] = hash_of_chunk(form_copy + at);
		form_hash += (u64)placed_hash(changed_hashes[count++], chunk) - loaded_hashes[chunk];
	}
	return count;
}
