/* Memory that is allocated and freed, as the allocators and the canonical form know it. */
#ifndef _IMAGE_REGIONS_H
#define _IMAGE_REGIONS_H

/* Of the harness itself, and no part of a state. */
#define WORKSPACE __attribute__((section("workspace")))

struct span { unsigned char *start, *stop; };

#define IMAGE_CACHES 16
#define IMAGE_SLOTS 256
#define IMAGE_SLOT_BYTES (32 << 10)

struct image_cache {
	unsigned char *start;
	/* One byte for each slot. */
	unsigned char *used;
	unsigned int size;
	unsigned int slots;
	void (*constructor)(void *);
	const char *name;
};

extern struct image_cache image_caches[IMAGE_CACHES];
extern unsigned int image_nr_caches;
extern unsigned char image_slots[IMAGE_SLOT_BYTES];
extern unsigned char image_slot_used[IMAGE_SLOTS];

#endif
