/*
 * Slab allocator: returns the lowest free slot of a cache. A freed slot is zeroed. Constructors run at each allocation,
 * unless the slot is one that was not zeroed, since another CPU may still use it: see `is_typesafe`.
 */
#include "harness.h"
#include "regions.h"

struct image_cache image_caches[IMAGE_CACHES] WORKSPACE;
unsigned int image_nr_caches;

/* What image_slot_used has of a slot. */
enum { FREE, USED, FREE_NOT_ZEROED };

/* Memory of the slots of all caches. */
unsigned char image_slots[IMAGE_SLOT_BYTES] __aligned(256);
/* By slot of all caches: whether it is in use. */
unsigned char image_slot_used[IMAGE_SLOTS];
static unsigned int bytes_taken, slots_taken;

struct kmem_cache {
	struct image_cache cache;
};

static const struct {
	const char *name;
	unsigned int slots;
} SLOTS_OF[] = {
	{ "mm_struct", IMAGE_MMS + 1 }, { "vm_area_struct", 28 }, { "anon_vma", 12 },  { "anon_vma_chain", 40 },
	{ "maple_node", 20 },           { "kmalloc", 10 },        { "swap_table", 4 }, { "radix_tree_node", 3 },
	{ "shmem_inode_cache", 1 },
};

static struct image_cache *create(const char *name, unsigned int size, unsigned int align, void (*constructor)(void *),
				  bool is_typesafe)
{
	struct image_cache *cache = image_caches + image_nr_caches;
	unsigned int i, slots = 0;

	for (i = 0; i < ARRAY_SIZE(SLOTS_OF); i++)
		if (!strcmp(name, SLOTS_OF[i].name))
			slots = SLOTS_OF[i].slots;
	align = max(align, 8u);
	bytes_taken = ALIGN(bytes_taken, align);
	cache->size = ALIGN(size, align);
	cache->start = image_slots + bytes_taken;
	cache->used = image_slot_used + slots_taken;
	cache->slots = slots;
	cache->constructor = constructor;
	cache->is_typesafe = is_typesafe;
	cache->name = name;
	bytes_taken += slots * cache->size;
	slots_taken += slots;
	if (++image_nr_caches > IMAGE_CACHES || bytes_taken > IMAGE_SLOT_BYTES || slots_taken > IMAGE_SLOTS)
		image_fault("no-room-for-cache");
	return cache;
}

/* Cache of kmalloc(): slots of a single size. */
static struct image_cache *kmalloc_cache;
#define KMALLOC_BYTES 256

void boot_slab(void) { kmalloc_cache = create("kmalloc", KMALLOC_BYTES, 8, NULL, false); }

struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size, struct kmem_cache_args *args,
					    slab_flags_t flags)
{
	/* Maple nodes are aligned to 256 bytes: pointers to them use the lower 8 bits. */
	unsigned int align = args && args->align ? args->align : flags & SLAB_HWCACHE_ALIGN ? L1_CACHE_BYTES : 8;

	return (struct kmem_cache *)create(name, size, align, args ? args->ctor : NULL, flags & SLAB_TYPESAFE_BY_RCU);
}

static void *take(struct image_cache *cache, gfp_t flags)
{
	unsigned int i;

	if (gfpflags_allow_blocking(flags))
		require_sleepable();
	image_yield(IMAGE_ALLOCATION);
	for (i = 0; i < cache->slots; i++) {
		if (cache->used[i] != USED) {
			void *slot = cache->start + i * cache->size;

			if (cache->constructor && cache->used[i] == FREE)
				cache->constructor(slot);
			cache->used[i] = USED;
			return slot;
		}
	}
	image_full("no slot of a slab cache is free");
}

static struct image_cache *cache_of(const void *slot)
{
	unsigned int i;

	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;

		if ((unsigned char *)slot >= cache->start &&
		    (unsigned char *)slot < cache->start + cache->slots * cache->size)
			return cache;
	}
	image_fault("unknown-memory-freed");
}

static void give_back(const void *slot)
{
	struct image_cache *cache = cache_of(slot);
	unsigned int offset = (unsigned char *)slot - cache->start;

	if (offset % cache->size || cache->used[offset / cache->size] != USED)
		image_fault("free-object-freed");
	if (cache->is_typesafe && image_races) {
		cache->used[offset / cache->size] = FREE_NOT_ZEROED;
		return;
	}
	cache->used[offset / cache->size] = FREE;
	memset((void *)slot, 0, cache->size);
}

void zero_free_objects(void)
{
	unsigned int i, j;

	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;

		for (j = 0; cache->is_typesafe && j < cache->slots; j++) {
			if (cache->used[j] == FREE_NOT_ZEROED) {
				cache->used[j] = FREE;
				memset(cache->start + j * cache->size, 0, cache->size);
			}
		}
	}
}

/* Frees the object that contains an address. */
void free_object_with(const void *inside)
{
	struct image_cache *cache = cache_of(inside);
	unsigned int offset = (unsigned char *)inside - cache->start;

	give_back(inside - offset % cache->size);
}

bool is_in_free_object(const void *inside)
{
	struct image_cache *cache = cache_of(inside);
	unsigned int offset = (unsigned char *)inside - cache->start;

	return cache->used[offset / cache->size] != USED;
}

void *kmem_cache_alloc_noprof(struct kmem_cache *cache, gfp_t flags)
{
	void *slot = take(&cache->cache, flags);

	if (flags & __GFP_ZERO)
		memset(slot, 0, cache->cache.size);
	return slot;
}

void *kmem_cache_alloc_lru_noprof(struct kmem_cache *cache, struct list_lru *lru, gfp_t flags)
{
	return kmem_cache_alloc_noprof(cache, flags);
}

void *kmem_cache_alloc_node_noprof(struct kmem_cache *cache, gfp_t flags, int node)
{
	return kmem_cache_alloc_noprof(cache, flags);
}

void kmem_cache_free(struct kmem_cache *cache, void *slot) { give_back(slot); }

void kmem_cache_free_bulk(struct kmem_cache *cache, size_t number, void **slots)
{
	while (number--)
		give_back(slots[number]);
}

int kmem_cache_alloc_bulk_noprof(struct kmem_cache *cache, gfp_t flags, size_t number, void **slots)
{
	size_t i;

	for (i = 0; i < number; i++)
		slots[i] = kmem_cache_alloc_noprof(cache, flags);
	return number;
}

static void *allocate(size_t size, gfp_t flags)
{
	void *slot;

	if (size > KMALLOC_BYTES)
		image_fault("no-room-for-kmalloc");
	slot = take(kmalloc_cache, flags);
	if (flags & __GFP_ZERO)
		memset(slot, 0, KMALLOC_BYTES);
	return slot;
}

void *__kmalloc_cache_noprof(struct kmem_cache *cache, gfp_t flags, size_t size) { return allocate(size, flags); }

void *__kmalloc_noprof(size_t size, gfp_t flags) { return allocate(size, flags); }

void kfree(const void *slot)
{
	if (!ZERO_OR_NULL_PTR(slot))
		give_back(slot);
}

#ifdef IMAGE_HAS_SHEAVES
/* Preallocated objects. Allocations never fail here, hence a sheaf is only a number. */
struct slab_sheaf {
	unsigned int size;
};

struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t flags, unsigned int size)
{
	struct slab_sheaf *sheaf = allocate(sizeof(*sheaf), flags);

	sheaf->size = size;
	return sheaf;
}

int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t flags, struct slab_sheaf **sheaf, unsigned int size)
{
	(*sheaf)->size = size;
	return 0;
}

void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t flags, struct slab_sheaf *sheaf) { give_back(sheaf); }

void *kmem_cache_alloc_from_sheaf_noprof(struct kmem_cache *cache, gfp_t flags, struct slab_sheaf *sheaf)
{
	if (!sheaf->size)
		return NULL;
	sheaf->size--;
	return kmem_cache_alloc_noprof(cache, flags);
}

unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf) { return sheaf->size; }
#endif

/* Memory that is allocated at boot, and never freed. */
#define BOOT_BYTES 2048
static unsigned char boot_memory[BOOT_BYTES] __aligned(64);
static unsigned int boot_bytes_taken;

static void *allocate_at_boot(size_t size)
{
	void *memory = boot_memory + boot_bytes_taken;

	boot_bytes_taken += ALIGN(size, 8);
	if (boot_bytes_taken > BOOT_BYTES)
		image_fault("no-room-for-boot-memory");
	return memory;
}

void *vzalloc_noprof(unsigned long size) { return allocate_at_boot(size); }

void *__kvmalloc_node_noprof(size_t size, unsigned long align, gfp_t flags, int node) { return allocate_at_boot(size); }

static DEFINE_PER_CPU(unsigned long, percpu_memory)[8];
static unsigned int percpu_bytes_taken;

void __percpu *pcpu_alloc_noprof(size_t size, size_t align, bool reserved, gfp_t flags)
{
	void __percpu *memory = (char *)percpu_memory + percpu_bytes_taken;

	percpu_bytes_taken += ALIGN(size, sizeof(long));
	if (percpu_bytes_taken > sizeof(percpu_memory))
		image_fault("no-room-for-cpu-data");
	return memory;
}
