/*
 * The order of locks, as lockdep checks it: locks are of one class if they are the same member of objects of one kind.
 * Classes that are taken in both orders can deadlock, even if no execution shows it.
 */
#include "harness.h"
#include "lock_order.h"
#include "regions.h"

#define MOST_HELD 24
#define MOST_CLASSES 64
/* Of a lock in memory of kmalloc(): the kind of its object is unknown. */
#define NO_CLASS MOST_CLASSES

/* A class of locks: a static lock, or the same member of all objects of a kind. */
struct lock_class {
	/* Name of the kind; NULL for a static lock. */
	const char *kind;
	/* Name of the member, if it has one in NAMES. */
	const char *name;
	/* Offset in the object, or address. */
	unsigned long offset;
	/* As in spin_lock_nested(). */
	unsigned long subclass;
};

static const struct {
	const char *kind;
	unsigned long offset;
	const char *name;
} NAMES[] = {
	{ "mm_struct", offsetof(struct mm_struct, mmap_lock), "mmap_lock" },
	{ "mm_struct", offsetof(struct mm_struct, page_table_lock), "page_table_lock" },
	{ "anon_vma", offsetof(struct anon_vma, rwsem), "rwsem" },
	{ "page", offsetof(struct ptdesc, ptl), "ptl" },
	{ "node", offsetof(struct pglist_data, __lruvec.lru_lock), "lru_lock" },
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	{ "node", offsetof(struct pglist_data, deferred_split_queue.split_queue_lock), "split_queue_lock" },
#endif
};

/* By CPU, in the order of acquisition; 0 between operations. */
static struct {
	const void *lock;
	unsigned int class;
} held_locks[IMAGE_CPUS][MOST_HELD];
static unsigned int nr_held[IMAGE_CPUS];

static WORKSPACE struct lock_class classes[MOST_CLASSES];
static WORKSPACE unsigned int nr_classes;
/* By the class that is held and the class that is taken: whether the host knows that order, and no opposite one. */
static WORKSPACE bool is_known_order[MOST_CLASSES][MOST_CLASSES];

/* @returns whether the order is the only one that was seen. If not, it was reported. */
IMPORT("lock_order") bool image_lock_order(const struct lock_class *held, const struct lock_class *taken);

static struct lock_class describe(const void *lock, unsigned int subclass)
{
	struct lock_class class = { .offset = (unsigned long)lock, .subclass = subclass };
	unsigned long in_node = lock - (void *)NODE_DATA(0);
	unsigned int i;

	if (in_node < sizeof(struct pglist_data)) {
		class.kind = "node";
		class.offset = in_node;
	}
	if (lock >= (void *)image_pages && lock < (void *)(image_pages + IMAGE_FRAMES)) {
		class.kind = "page";
		class.offset = (lock - (void *)image_pages) % sizeof(struct page);
	}
	for (i = 0; i < image_nr_caches; i++) {
		struct image_cache *cache = image_caches + i;
		unsigned long inside = (unsigned char *)lock - cache->start;

		if (inside < cache->slots * cache->size) {
			class.kind = cache->name;
			class.offset = inside % cache->size;
		}
	}
	for (i = 0; class.kind && i < ARRAY_SIZE(NAMES); i++)
		if (NAMES[i].offset == class.offset && !strcmp(NAMES[i].kind, class.kind))
			class.name = NAMES[i].name;
	return class;
}

static unsigned int class_of(const void *lock, unsigned int subclass)
{
	struct lock_class class = describe(lock, subclass);
	unsigned int i;

	if (class.kind && !strcmp(class.kind, "kmalloc"))
		return NO_CLASS;
	for (i = 0; i < nr_classes; i++)
		if (classes[i].offset == class.offset && classes[i].kind == class.kind &&
		    classes[i].subclass == subclass)
			return i;
	if (nr_classes == MOST_CLASSES)
		image_full("the harness has no room for so many classes of locks");
	classes[nr_classes] = class;
	return nr_classes++;
}

void record_acquired(const void *lock, unsigned int subclass, enum acquisition how)
{
	unsigned int number = nr_held[image_cpu]++, class = class_of(lock, subclass), i;

	if (number == MOST_HELD)
		image_full("a CPU holds more locks than the harness has room for");
	held_locks[image_cpu][number].lock = lock;
	held_locks[image_cpu][number].class = class;
	if (how == TRIED || class == NO_CLASS)
		return;
	for (i = 0; i < number; i++) {
		unsigned int held = held_locks[image_cpu][i].class;

		if (held != NO_CLASS && !is_known_order[held][class])
			is_known_order[held][class] = image_lock_order(classes + held, classes + class);
	}
}

void record_released(const void *lock)
{
	unsigned int last = --nr_held[image_cpu], i = last;

	while (held_locks[image_cpu][i].lock != lock)
		i--;
	for (; i < last; i++)
		held_locks[image_cpu][i] = held_locks[image_cpu][i + 1];
	memset(held_locks[image_cpu] + last, 0, sizeof(held_locks[0][0]));
}

bool is_holding_locks(void) { return nr_held[image_cpu] != 0; }
