/*
 * Stubs of the rest of the kernel. A function without a stub is an import, which stops the operation and reports its
 * name.
 */
#include "harness.h"
#include <linux/percpu_counter.h>
#include <linux/security.h>
#include <linux/user_namespace.h>
#include <linux/cpumask.h>
#include <linux/mman.h>
#include <linux/refcount.h>
#include <linux/bio.h>
#include <linux/backing-dev.h>
#include <linux/cpuhotplug.h>

struct user_namespace init_user_ns;
struct mm_struct init_mm;
pgd_t swapper_pg_dir[PTRS_PER_PGD];
atomic_long_t _totalram_pages;
unsigned long volatile jiffies;
unsigned long mmap_min_addr;
#define ALL_CPUS \
	{ \
		{ \
			(1 << NR_CPUS) - 1 \
		} \
	}
struct cpumask __cpu_possible_mask = ALL_CPUS;
struct cpumask __cpu_online_mask = ALL_CPUS;
struct cpumask __cpu_present_mask = ALL_CPUS;
struct cpumask __cpu_active_mask = ALL_CPUS;
const unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)] = { { 0 }, { 1 }, { 2 }, { 4 } };
int percpu_counter_batch = 32;
s32 vm_committed_as_batch = 32;
struct workqueue_struct *system_wq, *system_percpu_wq, *system_unbound_wq;
struct workqueue_struct *bdi_wq;
unsigned int nr_cpu_ids = NR_CPUS;
atomic_t __num_online_cpus = ATOMIC_INIT(NR_CPUS);
unsigned long totalreserve_pages;
int oops_in_progress;
const struct vm_operations_struct vma_dummy_vm_ops;
/* Pages are checked at each allocation and free, but not initialised. */
DEFINE_STATIC_KEY_TRUE(check_pages_enabled);
DEFINE_STATIC_KEY_FALSE(init_on_alloc);
DEFINE_STATIC_KEY_FALSE(init_on_free);
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];
struct bio_set fs_bio_set;
struct list_lru shadow_nodes;
struct mnt_idmap {
	int unused;
} nop_mnt_idmap;
const struct file_operations simple_offset_dir_operations;

/* Assertions are reported to the host. */
void warn_slowpath_fmt(const char *file, const int line, unsigned int taint, const char *format, ...)
{
	image_warn(file, line, "");
}

void __warn_printk(const char *format, ...) {}

void add_taint(unsigned int flag, enum lockdep_ok lockdep_ok)
{
	if (flag == TAINT_BAD_PAGE)
		image_report("bad-page");
}

void refcount_warn_saturate(refcount_t *count, enum refcount_saturation_type type) { image_report("refcount-misused"); }

/* Exact counters, without copies for each CPU. */
void percpu_counter_add_batch(struct percpu_counter *counter, s64 amount, s32 batch) { counter->count += amount; }
s64 __percpu_counter_sum(struct percpu_counter *counter) { return counter->count; }

int __percpu_counter_init_many(struct percpu_counter *counters, s64 amount, gfp_t flags, u32 number,
			       struct lock_class_key *key)
{
	u32 i;

	for (i = 0; i < number; i++)
		counters[i].count = amount;
	return 0;
}

void percpu_counter_destroy_many(struct percpu_counter *counters, u32 number) {}

/* Every process has all capabilities. Memory is overcommitted. */
bool capable(int capability) { return true; }
bool ns_capable(struct user_namespace *namespace, int capability) { return true; }
bool file_ns_capable(const struct file *file, struct user_namespace *namespace, int capability) { return true; }
int cap_vm_enough_memory(struct mm_struct *mm, long pages) { return 0; }
int cap_mmap_addr(unsigned long address) { return 0; }

/* Stubs for mm/workingset.c: reclaimed pages leave no shadow entries. */
void workingset_activation(struct folio *folio) {}
void workingset_refault(struct folio *folio, void *shadow) {}
void *workingset_eviction(struct folio *folio, struct mem_cgroup *memcg) { return NULL; }

/* Writeback to files is not throttled. */
static struct backing_dev_info no_backing_device;
struct backing_dev_info *inode_to_bdi(struct inode *inode) { return &no_backing_device; }
int fprop_global_init(struct fprop_global *proportions, gfp_t gfp) { return 0; }
int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke, int (*startup)(unsigned int cpu),
			int (*teardown)(unsigned int cpu), bool multi_instance)
{
	return 0;
}

static pgprot_t protection_map[16] = {
	[VM_NONE] = PAGE_NONE,
	[VM_READ] = PAGE_READONLY,
	[VM_WRITE] = PAGE_COPY,
	[VM_WRITE | VM_READ] = PAGE_COPY,
	[VM_EXEC] = PAGE_READONLY,
	[VM_EXEC | VM_READ] = PAGE_READONLY,
	[VM_EXEC | VM_WRITE] = PAGE_COPY,
	[VM_EXEC | VM_WRITE | VM_READ] = PAGE_COPY,
	[VM_SHARED] = PAGE_NONE,
	[VM_SHARED | VM_READ] = PAGE_READONLY,
	[VM_SHARED | VM_WRITE] = PAGE_SHARED,
	[VM_SHARED | VM_WRITE | VM_READ] = PAGE_SHARED,
	[VM_SHARED | VM_EXEC] = PAGE_READONLY,
	[VM_SHARED | VM_EXEC | VM_READ] = PAGE_READONLY,
	[VM_SHARED | VM_EXEC | VM_WRITE] = PAGE_SHARED,
	[VM_SHARED | VM_EXEC | VM_WRITE | VM_READ] = PAGE_SHARED,
};
DECLARE_VM_GET_PAGE_PROT
