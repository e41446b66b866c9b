/* Chunks of memory: what the states of a search share, as a chunk that is equal in two of them is stored once. */
#ifndef _IMAGE_CHUNK_H
#define _IMAGE_CHUNK_H

#include "regions.h"

typedef unsigned long word;

#define CHUNK_BYTES 64
#define CHUNK_WORDS (CHUNK_BYTES / sizeof(word))

typedef word vector __attribute__((vector_size(16)));
typedef signed char byte_vector __attribute__((vector_size(16)));
typedef unsigned int hash_vector __attribute__((vector_size(16)));
#define LANES (16 / sizeof(word))
#define SIMD __attribute__((target("simd128")))

/* Instructions that copy memory are slow for so little. */
static __always_inline SIMD void copy_chunk(unsigned char *to, const unsigned char *from)
{
	unsigned int i;

#pragma unroll
	for (i = 0; i < CHUNK_BYTES / 16; i++)
		((vector *)to)[i] = ((const vector *)from)[i];
}

/* @returns a bit for each lane of a comparison's result */
static __always_inline SIMD unsigned int lanes_set(vector result)
{
#ifdef CONFIG_64BIT
	return __builtin_wasm_bitmask_i64x2((long long __attribute__((vector_size(16))))result);
#else
	return __builtin_wasm_bitmask_i32x4((int __attribute__((vector_size(16))))result);
#endif
}

static __always_inline SIMD bool chunk_differs(const unsigned char *one, const unsigned char *other)
{
	const vector *a = (const vector *)one, *b = (const vector *)other;
	vector difference = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]);

	return __builtin_wasm_any_true_v128((byte_vector)difference);
}

static __always_inline SIMD unsigned int hash_of_chunk(const unsigned char *chunk)
{
	const hash_vector *words = (const hash_vector *)chunk;
	hash_vector hash = words[0] * 0x9e3779b1u ^ words[1];

	hash = (hash ^ hash >> 15) * 0x85ebca6bu ^ words[2];
	hash = (hash ^ hash >> 13) * 0xc2b2ae35u ^ words[3];
	hash = (hash ^ hash >> 16) * 0x27d4eb2fu;
	hash ^= hash >> 14;
	return (hash[0] * 3 ^ hash[1] * 5 ^ hash[2] * 7 ^ hash[3]) * 0x85ebca6bu;
}

/* @store memory for the chunks, which is 0 */
void set_up_chunks(struct span store);
/* @returns the number of a chunk with a content, from 1 on; it is added where there is none */
unsigned int chunk_number(const unsigned char *content, unsigned int hash);
const unsigned char *numbered_chunk(unsigned int number);

#endif
