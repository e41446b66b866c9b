/* Initializes the compiled files as the kernel's boot does, and creates a process with one VMA. */
#include "harness.h"
#include <linux/maple_tree.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/cred.h>
#include <linux/init.h>

struct task_struct *image_current[IMAGE_CPUS];
static struct task_struct tasks[IMAGE_CPUS];
static struct signal_struct signals;
static struct cred credentials;

extern char __start_percpu[], __stop_percpu[];
#define PERCPU_BYTES 4096
/* Of the CPUs but the first. */
static char percpu_copies[IMAGE_CPUS - 1][PERCPU_BYTES] __aligned(64);
unsigned long __per_cpu_offset[NR_CPUS];

struct mm_struct *image_mms[IMAGE_MMS];
unsigned int image_batch_hint;

#ifdef IMAGE_HAS_ZERO_PAGE_PFN
unsigned long zero_page_pfn;
struct page *__zero_page = image_pages + IMAGE_ZERO_FRAME;
#else
extern unsigned long zero_pfn;
#define zero_page_pfn zero_pfn
#endif
extern unsigned long highest_memmap_pfn;

static void boot_tasks(void)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		signals.rlim[i].rlim_cur = signals.rlim[i].rlim_max = RLIM_INFINITY;
	for (i = 0; i < IMAGE_CPUS; i++) {
		image_current[i] = tasks + i;
		tasks[i].signal = &signals;
		tasks[i].cred = tasks[i].real_cred = &credentials;
		tasks[i].thread_info.cpu = i;
		tasks[i].group_leader = tasks + i;
		tasks[i].pid = tasks[i].tgid = i + 1;
		refcount_set(&tasks[i].usage, 1);
	}
	credentials.user_ns = &init_user_ns;
}

/*
 * @first_page and @nr_pages: the VMA of the first process
 * @hint: whether pte_batch_hint() returns more than 1
 */
EXPORT("boot") void image_boot(unsigned int first_page, unsigned int nr_pages, unsigned int hint)
{
	unsigned long first = first_page, pages = nr_pages, populate;
	struct mm_struct *mm;
	unsigned int i;

	if (__stop_percpu - __start_percpu > PERCPU_BYTES)
		image_fault("no-room-for-cpu-data");
	for (i = 1; i < IMAGE_CPUS; i++) {
		__per_cpu_offset[i] = percpu_copies[i - 1] - __start_percpu;
		memcpy(percpu_copies[i - 1], __start_percpu, __stop_percpu - __start_percpu);
	}
	image_batch_hint = hint;
	boot_tasks();
	boot_page_alloc();
	boot_slab();
	highest_memmap_pfn = IMAGE_FRAMES - 1;
	zero_page_pfn = IMAGE_ZERO_FRAME;
	sysctl_overcommit_memory = OVERCOMMIT_ALWAYS;
	maple_tree_init();
	boot_fork();
	anon_vma_init();
	boot_huge_memory();
	/* The queues of tasks that wait for a folio. */
	pagecache_init();
	boot_swap();
	mm = mm_alloc();
	if (!mm)
		image_fault("no-mm-at-boot");
	mm->task_size = TASK_SIZE;
	mm->mmap_base = TASK_SIZE;
	image_mms[0] = mm;
	current->mm = current->active_mm = mm;
	down_write(&mm->mmap_lock);
	if (do_mmap(NULL, first << PAGE_SHIFT, pages << PAGE_SHIFT, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, 0, &populate, NULL) != first << PAGE_SHIFT)
		image_fault("no-vma-at-boot");
	up_write(&mm->mmap_lock);
	current->mm = current->active_mm = NULL;
	end_grace_period();
}

/*
 * Models contiguous entries of arm64: in an aligned block of 4 entries that map 4 consecutive frames with equal flags,
 * returns the number of entries from `entry` to the end of the block.
 */
unsigned int pte_batch_hint(pte_t *entry, pte_t pte)
{
	unsigned long position = ((unsigned long)entry / sizeof(pte_t)) & 3, i;
	pte_t *block = entry - position;

	if (!image_batch_hint || !pte_present(block[0]) || (pte_pfn(block[0]) & 3))
		return 1;
	for (i = 1; i < 4; i++)
		if (pte_val(block[i]) != pte_val(block[0]) + (i << PAGE_SHIFT))
			return 1;
	return 4 - position;
}
