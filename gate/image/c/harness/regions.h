/* Memory regions of the allocators, which the canonical form uses as well. */
#ifndef _IMAGE_REGIONS_H
#define _IMAGE_REGIONS_H

/* Variables of the harness that are no part of a state. */
#define WORKSPACE __attribute__((section("workspace")))

struct span {
	unsigned char *start, *stop;
};

#define IMAGE_CACHES 16
#define IMAGE_SLOTS 256
#define IMAGE_SLOT_BYTES (32 << 10)

struct image_cache {
	unsigned char *start;
	/* By slot: whether it is in use. */
	unsigned char *used;
	unsigned int size;
	unsigned int slots;
	void (*constructor)(void *);
	/* SLAB_TYPESAFE_BY_RCU: a free object stays what it was until a grace period ends, but may be allocated again. */
	bool is_typesafe;
	const char *name;
};

extern struct image_cache image_caches[IMAGE_CACHES];
extern unsigned int image_nr_caches;
extern unsigned char image_slots[IMAGE_SLOT_BYTES];
extern unsigned char image_slot_used[IMAGE_SLOTS];

#endif
