/* Operations: system calls and faults of processes, and operations that the kernel starts itself. */
#include "harness.h"
#include <linux/mman.h>
#include "collapse.h"
#include "contents.h"
#include "files.h"
#include "holders.h"
#include "lock_order.h"
#include "operation.h"
#include "proc.h"
#include "swap_device.h"
#include "userfaultfd.h"

extern int image_interrupts_off[IMAGE_CPUS];

long sys_munmap(unsigned long address, size_t length);
long sys_mprotect(unsigned long start, size_t length, unsigned long protection);
long sys_mremap(unsigned long from, unsigned long old_length, unsigned long new_length, unsigned long flags,
		unsigned long to);

/* Look-ups of the harness are no steps of an operation: the CPU does not yield in them. */
static unsigned int stop_yields(void)
{
	unsigned int kinds = image_yields;

	image_yields = 0;
	return kinds;
}

static void allow_yields(unsigned int kinds) { image_yields = kinds; }

/*
 * Effect of an operation on the contents of pages: a call that takes place when it releases the lock of its address
 * space, or at its end. In a race, the other CPU may run in between, and must find it done.
 */
struct effect {
	void (*apply)(const struct effect *effect);
	unsigned int number, page, pages, to;
	/* Of mremap(): the pages that had a VMA, as bits. */
	unsigned long had;
	/*
	 * Of UFFDIO_MOVE: pages with an entry at both places when the CPU began to run, and those whose entry it has
	 * cleared, as bits.
	 */
	unsigned long had_there, cleared;
	/* Whether the lock was released. */
	bool is_due;
};

/* By CPU; empty between operations. */
static struct effect effects[IMAGE_CPUS];

static void begin_effect(const struct effect *effect) { effects[image_cpu] = *effect; }

static void forget_effect(void) { memset(effects + image_cpu, 0, sizeof(effects[0])); }

static void apply_effect(unsigned int cpu)
{
	struct effect effect = effects[cpu];
	unsigned int kinds = stop_yields();

	effects[cpu].apply = NULL;
	if (effect.apply)
		effect.apply(&effect);
	allow_yields(kinds);
}

void image_released(const struct rw_semaphore *lock)
{
	if (current->mm && lock == &current->mm->mmap_lock)
		effects[image_cpu].is_due = true;
}

struct mm_struct *begin(unsigned int number)
{
	struct mm_struct *mm = image_mms[number];

	current->mm = current->active_mm = mm;
	return mm;
}

/*
 * Event counters do not influence any decision: they are no part of the state. That includes a state in the middle of an
 * operation, which is the same when a loop of the kernel has tried something again.
 *
 * @attempts: whether to forget, too, how often the loop has
 */
EXPORT("forget_counters") void forget_counters(bool attempts)
{
	memset(this_cpu_ptr(&vm_event_states), 0, sizeof(vm_event_states));
	forget_huge_events();
	current->min_flt = current->maj_flt = 0;
	contig_page_data.__lruvec.anon_cost = contig_page_data.__lruvec.file_cost = 0;
	if (attempts)
		forget_calls_of_resched();
}

static void forget_events(void)
{
	forget_counters(true);
	forget_pin_events();
	current->__state = TASK_RUNNING;
}

void require_rest(void)
{
	if (is_holding_locks())
		image_fault("lock-left-taken");
	if (image_interrupts_off[image_cpu])
		image_fault("interrupts-left-off");
	if (current->thread_info.preempt_count)
		image_fault("preemption-left-off");
	if (rcu_preempt_depth())
		image_fault("rcu-reader-left");
}

/* The folio under migration, and its replacement. */
static struct folio *migration_src, *migration_dst;
/* Whether a CPU executes the first half of a migration: there is one migration at a time. */
static bool migration_begins;

int pages_under_migration(void) { return migration_src ? folio_nr_pages(migration_src) : 0; }

/*
 * An anonymous folio that no process maps any more keeps the pointer to its anon_vma, which may be freed: see
 * folio_get_anon_vma() in mm/rmap.c. Lets it point to no object then.
 */
static void forget_freed_anon_vma(struct folio *folio)
{
	static struct anon_vma freed;
	struct anon_vma *anon_vma = folio_anon_vma(folio);

	if (anon_vma && anon_vma != &freed && is_in_free_object(anon_vma))
		folio->mapping = (void *)&freed + ((unsigned long)folio->mapping & 3);
}

static void forget_freed_anon_vmas(void)
{
	struct held_page *held;
	struct holder *holder;
	unsigned int i;

	if (migration_src)
		forget_freed_anon_vma(migration_src);
	for_each_held_page(holder, held) forget_freed_anon_vma(page_folio(held->page));
	for (i = IMAGE_FIRST_FRAME; total_swap_pages && i < IMAGE_FRAMES; i++) {
		struct folio *folio = (struct folio *)(image_pages + i);

		if (has_content(i) && !PageTail(&folio->page) && folio_test_swapcache(folio) && !folio_mapped(folio))
			forget_freed_anon_vma(folio);
	}
}

enum result end(long error)
{
	if (!error)
		apply_effect(image_cpu);
	forget_effect();
	current->mm = current->active_mm = NULL;
	drain_batches();
	/* No grace period ends while another CPU is in the middle of an operation. */
	if (is_last_to_end()) {
		end_grace_period();
		forget_freed_anon_vmas();
		end_file_operation();
	}
	/* Draining increments event counters. */
	forget_events();
	require_rest();
	return error ? REFUSED : DONE;
}

/* Returns the number of entries of a process that map a folio, on both levels. */
static int own_mappings(struct mm_struct *mm, struct folio *folio)
{
	unsigned int page;
	int mappings = 0;

	for (page = 0; page < IMAGE_PAGES; page++) {
		bool huge;
		unsigned long entry = entry_at(mm, ADDRESS(page), &huge);

		if (is_present_entry(entry) && page_folio(image_pages + (entry >> PAGE_SHIFT)) == folio)
			mappings += !huge || !(page & (PTRS_PER_PTE - 1));
	}
	return mappings;
}

/* Whether the owner slots attribute all mappings of a large folio to one process. */
static bool is_tracked_as_own(struct mm_struct *mm, struct folio *folio, int mappings)
{
#ifdef CONFIG_MM_ID
	int i;

	for (i = 0; i < 2; i++)
		if ((folio->_mm_id[i] & MM_ID_MASK) == mm->mm_id && folio->_mm_id_mapcount[i] == mappings - 1)
			return true;
#endif
	return false;
}

/*
 * Returns the frame that a write to a read-only page must reuse (C10): the page is exclusive, or the process alone maps
 * the folio, and there are no other references. A large folio must have more than one mapping.
 *
 * @returns -1 where a copy is allowed
 */
static long frame_to_reuse(struct mm_struct *mm, unsigned int page)
{
	bool huge;
	unsigned long entry = entry_at(mm, ADDRESS(page), &huge);
	long frame = frame_at(mm, ADDRESS(page));
	struct folio *folio;
	int mappings;

	if (!is_present_entry(entry) || (entry & _PAGE_WRITE) || frame < IMAGE_FIRST_FRAME)
		return -1;
	folio = page_folio(image_pages + frame);
	if (!folio_test_anon(folio))
		return -1;
	if (PageAnonExclusive(huge ? &folio->page : image_pages + frame))
		return frame;
	mappings = folio_mapcount(folio);
	if (folio_ref_count(folio) != mappings || own_mappings(mm, folio) != mappings)
		return -1;
	if (folio_test_large(folio) && !huge && (mappings < 2 || !is_tracked_as_own(mm, folio, mappings)))
		return -1;
	return frame;
}

static bool is_beyond_file(unsigned int page) { return file_page_at(page) >= 0 && file_page_at(page) >= file_pages(); }

static void write_page(const struct effect *effect)
{
	/* A large folio may be mapped beyond the end of the file: what is written there may be lost, mmap(2). */
	if (is_shared_file_page(effect->page) && is_beyond_file(effect->page))
		return;
	/* In a race, the other CPU may change the entry again: the process would fault again. */
	if (!store_byte(effect->number, effect->page) && !image_races)
		image_report("write-fault-without-write");
}

/*
 * Executes a read or write fault of a page.
 *
 * @order: order of a new folio, if one is needed
 */
EXPORT("fault") int image_fault_at(unsigned int number, unsigned int page, unsigned int write, unsigned int order)
{
	struct mm_struct *mm = begin(number);
	struct vm_area_struct *vma;
	vm_fault_t result;
	long reused;

	if (!mm)
		return DISABLED;
	/* In a race, the other CPU may take a reference, or map the folio, at any time. */
	reused = write && !image_races ? frame_to_reuse(mm, page) : -1;
	mmap_read_lock(mm);
	vma = vma_lookup(mm, ADDRESS(page));
	if (!vma || !(vma->vm_flags & (write ? VM_WRITE : VM_READ))) {
		mmap_read_unlock(mm);
		end(0);
		return DISABLED;
	}
	choose_anon_order(order);
	result = handle_mm_fault(vma, ADDRESS(page),
				 FAULT_FLAG_DEFAULT | FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0), NULL);
	choose_anon_order(0);
	if (write)
		begin_effect(&(struct effect){ .apply = write_page, .number = number, .page = page });
	if (!(result & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		mmap_read_unlock(mm);
	if (result & VM_FAULT_ERROR) {
		/* Reads of the swap device and allocations never fail. A page beyond the end of a file does not exist. */
		if (!(result & VM_FAULT_SIGBUS) || !(is_beyond_file(page) || (image_races && file_page_at(page) >= 0)))
			image_report("fault-failed");
		return end(1);
	}
	if (reused >= 0 && frame_at(mm, ADDRESS(page)) != reused)
		image_report("copied-though-alone");
	return end(0);
}

/* By CPU: the contents of the parent at a fork; empty between operations. */
static struct contents forked[IMAGE_CPUS];

static void save_forked(const struct effect *effect) { save_contents(effect->number, forked + image_cpu); }

/* Returns the number of the next process; `most` if there are as many. */
static unsigned int free_process(unsigned int most)
{
	unsigned int i;

	for (i = 0; i < most && image_mms[i]; i++)
		;
	return i;
}

/* @most: maximum number of processes */
EXPORT("fork") int image_fork(unsigned int number, unsigned int most)
{
	struct mm_struct *mm = begin(number), *child;
	unsigned int i;

	if (!mm || free_process(most) == most)
		return DISABLED;
	begin_effect(&(struct effect){ .apply = save_forked, .number = number });
	child = tree_dup_mm(current, mm);
	if (!child)
		return end(1);
	apply_effect(image_cpu);
	i = free_process(most);
	if (i == most) {
		/* The other CPU forked in the meantime. */
		mmput(child);
	} else {
		image_mms[i] = child;
		inherit_contents(i, forked + image_cpu);
	}
	memset(forked + image_cpu, 0, sizeof(forked[0]));
	return end(0);
}

EXPORT("exit") int image_exit(unsigned int number)
{
	struct mm_struct *mm = image_mms[number];
	unsigned int cpu;

	if (!mm)
		return DISABLED;
	/* A process does not exit while it executes a system call on the other CPU. */
	for (cpu = 0; cpu < IMAGE_CPUS; cpu++)
		if (image_current[cpu]->mm == mm)
			return DISABLED;
	current->active_mm = &init_mm;
	forget_range(number, 0, IMAGE_PAGES);
	forget_process_of_holders(mm);
	image_mms[number] = NULL;
	mmput(mm);
	return end(0);
}

static void forget_holes(const struct effect *effect) { forget_unmapped(effect->number); }

EXPORT("munmap") int image_munmap(unsigned int number, unsigned int page, unsigned int pages)
{
	struct mm_struct *mm = begin(number);
	long error;

	if (!mm)
		return DISABLED;
	begin_effect(&(struct effect){ .apply = forget_holes, .number = number });
	error = sys_munmap(ADDRESS(page), ADDRESS(pages));
	return end(error);
}

static void forget_dontneed(const struct effect *effect)
{
	/* If the CPU is not preempted, no process writes to a page meanwhile. */
	if (is_preemptible())
		forget_zapped(effect->number, effect->page, effect->pages);
	else
		forget_range(effect->number, effect->page, effect->pages);
}

static void allow_zero(const struct effect *effect) { let_be_zero(effect->number, effect->page, effect->pages); }

EXPORT("madvise") int image_madvise(unsigned int number, unsigned int page, unsigned int pages, unsigned int advice)
{
	struct mm_struct *mm = begin(number);
	long error;

	if (!mm)
		return DISABLED;
	if (advice != MADV_DONTFORK)
		begin_effect(&(struct effect){ .apply = advice == MADV_FREE ? allow_zero : forget_dontneed,
					       .number = number,
					       .page = page,
					       .pages = pages });
	error = do_madvise(mm, ADDRESS(page), ADDRESS(pages), advice);
	/* Over a hole, the rest of the range is advised, and the result is -ENOMEM. */
	if (error == -ENOMEM)
		apply_effect(image_cpu);
	return end(error);
}

EXPORT("mprotect")
int image_mprotect(unsigned int number, unsigned int page, unsigned int pages, unsigned int protection)
{
	struct mm_struct *mm = begin(number);

	if (!mm)
		return DISABLED;
	return end(sys_mprotect(ADDRESS(page), ADDRESS(pages), protection));
}

static void move_moved(const struct effect *effect)
{
	struct mm_struct *mm = image_mms[effect->number];
	unsigned int i;

	/* Several VMAs move one after the other, and a later one may fail. */
	for (i = 0; i < effect->pages; i++)
		if ((effect->had & (1UL << i)) && !vma_lookup(mm, ADDRESS(effect->page + i)) &&
		    vma_lookup(mm, ADDRESS(effect->to + i)))
			move_contents(effect->number, effect->page + i, effect->to + i, 1);
	forget_unmapped(effect->number);
}

/* Returns the pages of a range that have a VMA, as bits. */
static unsigned long pages_with_vma(struct mm_struct *mm, unsigned int page, unsigned int pages)
{
	unsigned int kinds = stop_yields(), i;
	unsigned long has = 0;

	for (i = 0; i < pages; i++)
		if (vma_lookup(mm, ADDRESS(page + i)))
			has |= 1UL << i;
	allow_yields(kinds);
	return has;
}

EXPORT("mremap") int image_mremap(unsigned int number, unsigned int page, unsigned int pages, unsigned int to)
{
	struct mm_struct *mm = begin(number);
	long result;

	if (!mm)
		return DISABLED;
	begin_effect(&(struct effect){ .apply = move_moved,
				       .number = number,
				       .page = page,
				       .pages = pages,
				       .to = to,
				       .had = pages_with_vma(mm, page, pages) });
	result = sys_mremap(ADDRESS(page), ADDRESS(pages), ADDRESS(pages), MREMAP_MAYMOVE | MREMAP_FIXED, ADDRESS(to));
	/* Even if a later VMA could not be moved. */
	apply_effect(image_cpu);
	return end(IS_ERR_VALUE(result));
}

/* Returns the pages of a range that a process has entries for, as bits. */
static unsigned long pages_with_entry(unsigned int number, unsigned int page, unsigned int pages)
{
	unsigned long has = 0;
	unsigned int i;
	bool huge;

	for (i = 0; i < pages; i++)
		if (entry_at(image_mms[number], ADDRESS(page + i), &huge))
			has |= 1UL << i;
	return has;
}

static void see_entries(struct effect *effect)
{
	effect->had = pages_with_entry(effect->number, effect->page, effect->pages);
	effect->had_there = pages_with_entry(effect->number, effect->to, effect->pages);
}

/*
 * Lets the contents follow the pages that were moved since the CPU began to run. An entry is also cleared for a moment
 * when its folio is split, so that a page is moved when the destination has an entry. MADV_DONTNEED does not see a PMD
 * that is on its way.
 */
static void follow_entries(struct effect *effect)
{
	struct effect now = *effect;
	unsigned int i;

	see_entries(&now);
	effect->cleared = (effect->had | effect->cleared) & ~now.had;
	for (i = 0; i < effect->pages; i++) {
		if (!(effect->cleared & now.had_there & ~effect->had_there & (1UL << i)))
			continue;
		move_contents(effect->number, effect->page + i, effect->to + i, 1);
		if (image_races)
			expect_as_found(effect->number, effect->to + i);
	}
	effect->cleared &= ~now.had_there;
}

static void follow_last_entries(const struct effect *effect)
{
	struct effect last = *effect;

	follow_entries(&last);
}

EXPORT("uffd_move") int image_uffd_move(unsigned int number, unsigned int page, unsigned int pages, unsigned int to)
{
	struct mm_struct *mm = begin(number);
	ssize_t moved;

	if (!mm)
		return DISABLED;
	begin_effect(&(struct effect){
		.apply = follow_last_entries, .number = number, .page = page, .pages = pages, .to = to });
	see_entries(effects + image_cpu);
	moved = move_registered(mm, ADDRESS(to), ADDRESS(page), ADDRESS(pages));
	/* Even if a later page could not be moved. */
	apply_effect(image_cpu);
	return end(moved < 0);
}

static void forget_soft_dirty(const struct effect *effect) { memset(image_soft_dirty[effect->number], 0, IMAGE_PAGES); }

EXPORT("clear_soft_dirty") int image_clear_soft_dirty(unsigned int number)
{
	if (!begin(number))
		return DISABLED;
	begin_effect(&(struct effect){ .apply = forget_soft_dirty, .number = number });
	return end(!tree_clear_soft_dirty());
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* MADV_COLLAPSE. @obstacle: see enum collapse_obstacle */
EXPORT("collapse")
int image_collapse(unsigned int number, unsigned int page, unsigned int pages, unsigned int obstacle)
{
	struct mm_struct *mm = begin(number);
	struct collapse collapse;
	long error;

	if (!mm)
		return DISABLED;
	begin_collapse(&collapse, mm, page, pages, obstacle, false, NO_LIMITS);
	error = do_madvise(mm, ADDRESS(page), ADDRESS(pages), MADV_COLLAPSE);
	if (end_collapse(&collapse) != !error && !image_races)
		image_report("wrong-result-of-collapse");
	return end(error);
}

/* khugepaged scans a page table. @strict: see enum strict_limit */
EXPORT("khugepaged") int image_khugepaged(unsigned int number, unsigned int page, unsigned int strict)
{
	struct collapse_limits limits = limits_of(strict);
	struct mm_struct *mm = image_mms[number];
	struct collapse collapse;

	/* The scan would continue with another table. In a race it may. */
	if (!mm || (!image_races && !has_collapsible_vma(mm, page)))
		return DISABLED;
	begin_collapse(&collapse, mm, page, PTRS_PER_PTE, NO_OBSTACLE, true, limits);
	if (!tree_khugepaged_scan(mm, ADDRESS(page), limits))
		return DISABLED;
	end_collapse(&collapse);
	return end(0);
}
#endif

EXPORT("shrink") int image_shrink(void)
{
	/* deferred_split_scan() also returns SHRINK_STOP after it dequeued folios without splitting any. */
	if (!tree_queue_length())
		return DISABLED;
	tree_deferred_split_scan();
	return end(0);
}

/*
 * Returns the folio of a page that a process maps, or that the swap cache has for its swap entry, with a reference;
 * NULL for none, for a reserved frame, and for a folio whose refcount is 0.
 */
static struct folio *folio_at(unsigned int number, unsigned int page)
{
	unsigned int kinds = stop_yields(), index;
	bool huge;
	unsigned long entry = image_mms[number] ? entry_at(image_mms[number], ADDRESS(page), &huge) : 0;
	long frame = entry ? frame_at(image_mms[number], ADDRESS(page)) : -1;
	struct folio *folio = frame < IMAGE_FIRST_FRAME ? NULL : page_folio(image_pages + frame);

	if (is_swap_entry(entry))
		folio = cached_folio(entry >> PAGE_SHIFT, &index);

	if (folio && !folio_try_get(folio))
		folio = NULL;
	allow_yields(kinds);
	return folio;
}

/*
 * Whether a folio is being written to the swap device, has other references than the expected ones and that of the
 * operation, or may get one: an operation on it may fail then.
 */
static bool may_have_others(struct folio *folio)
{
	return image_races || folio_test_writeback(folio) ||
	       folio_ref_count(folio) != folio_expected_ref_count(folio) + 1;
}

/*
 * Returns the folio that the page cache has for a page of the file, or the swap cache for its swap entry, with a
 * reference; NULL for none, and for a folio whose refcount is 0.
 */
static struct folio *folio_of_file(unsigned int file_page)
{
	unsigned int kinds = stop_yields(), slot, index;
	struct folio *folio = page_cache_folio(file_page, &slot);

	if (slot)
		folio = cached_folio(slot, &index);
	if (folio && !folio_try_get(folio))
		folio = NULL;
	allow_yields(kinds);
	return folio;
}

/*
 * Whether a folio that nothing else refers to can be split: not an anonymous one that no process maps, such as one that
 * was written to the swap device, which has no anon_vma to lock, nor one of a file that is in the swap cache only.
 */
static bool is_splittable(struct folio *folio)
{
	return folio_test_anon(folio) ? folio_mapped(folio) : folio_mapping(folio) && !folio_test_swapcache(folio);
}

/* Splits a folio into folios of an order: 0 if it is in the swap cache, which callers must respect. Releases it. */
static enum result split(struct folio *folio, unsigned int order)
{
	bool others;
	int error;

	if (!folio)
		return DISABLED;
	if (folio_order(folio) <= order || !folio_trylock(folio)) {
		folio_put(folio);
		return DISABLED;
	}
	if (order && folio_test_swapcache(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		return DISABLED;
	}
	others = may_have_others(folio) || !is_splittable(folio);
	error = split_folio_to_order(folio, order);
	if (error && !others)
		image_report("not-split");
	folio_unlock(folio);
	folio_put(folio);
	return end(error);
}

EXPORT("split") int image_split(unsigned int number, unsigned int page, unsigned int order)
{
	return split(folio_at(number, page), order);
}

EXPORT("split_file") int image_split_file(unsigned int page, unsigned int order)
{
	return split(folio_of_file(page), order);
}

/*
 * Counts isolated pages, which the callers of migration do. After a successful migration, the tree subtracts them
 * itself.
 */
static void count_isolated(struct folio *folio, long pages)
{
	node_stat_mod_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio), pages);
}

static void put_back(struct folio *folio)
{
	count_isolated(folio, -folio_nr_pages(folio));
	folio_putback_lru(folio);
}

static bool is_queued(struct folio *folio) { return folio_order(folio) > 1 && !list_empty(&folio->_deferred_list); }

/* Unmaps a folio for migration. Releases it. */
static enum result begin_migration(struct folio *folio)
{
	struct folio *dst;
	bool others;

	if (!folio)
		return DISABLED;
	migration_begins = true;
	/* folio_isolate_lru() takes a reference for the migration. */
	if (!folio_isolate_lru(folio)) {
		folio_put(folio);
		return DISABLED;
	}
	folio_put(folio);
	count_isolated(folio, folio_nr_pages(folio));
	others = may_have_others(folio);
	if (tree_migrate_begin(folio, &dst)) {
		migration_src = folio;
		migration_dst = dst;
		migration_begins = false;
		return end(0);
	}
	migration_begins = false;
	if (!others)
		image_report("not-unmapped-for-migration");
	put_back(folio);
	return end(1);
}

static bool is_migrating(void) { return migration_src || migration_begins; }

EXPORT("migrate_begin") int image_migrate_begin(unsigned int number, unsigned int page)
{
	return is_migrating() ? DISABLED : begin_migration(folio_at(number, page));
}

EXPORT("migrate_file_begin") int image_migrate_file_begin(unsigned int page)
{
	return is_migrating() ? DISABLED : begin_migration(folio_of_file(page));
}

EXPORT("migrate_finish") int image_migrate_finish(void)
{
	struct folio *src = migration_src, *dst = migration_dst;
	bool was_queued, was_partially_mapped, others;

	if (!src)
		return DISABLED;
	migration_src = migration_dst = NULL;
	/* Checked here, since the shrinker may have dequeued the folio since the first half. */
	was_queued = is_queued(src);
	was_partially_mapped = was_queued && folio_test_partially_mapped(src);
	others = may_have_others(src);
	/* Without this reference, moving a folio that no process maps any more would free its replacement. */
	folio_get(dst);
	if (!tree_migrate_finish(src, dst)) {
		if (!others)
			image_report("not-migrated");
		put_back(src);
	} else if (!image_races && !folio_test_swapcache(dst)) {
		/*
		 * In a race, the other CPU may split the folio, or take it off the queue. deferred_split_folio() leaves
		 * folios in the swap cache to reclaim.
		 */
		if (was_queued && !is_queued(dst))
			image_report("queue-lost-by-migration");
		else if (was_partially_mapped && !folio_test_partially_mapped(dst))
			image_report("partial-mapping-lost-by-migration");
	}
	folio_put(dst);
	return end(0);
}

EXPORT("migrate_undo") int image_migrate_undo(void)
{
	struct folio *src = migration_src, *dst = migration_dst;

	if (!src)
		return DISABLED;
	migration_src = migration_dst = NULL;
	tree_migrate_undo(src, dst);
	put_back(src);
	return end(0);
}

/*
 * Whether reclaim of a folio that is isolated from the LRU writes it to the swap device, and frees it (P3). A large one
 * may be split, and its pages of zeros unmapped instead.
 */
static bool must_be_swapped_out(struct folio *folio)
{
	return is_swap_synchronous() && !folio_test_large(folio) && folio_test_swapbacked(folio) &&
	       !may_have_others(folio) && (folio_test_swapcache(folio) || get_nr_swap_pages() > 0);
}

/* Reclaims a folio; without a swap device, only a lazyfree one (MADV_FREE). Releases it. */
static enum result reclaim(struct folio *folio)
{
	bool must_be_freed;
	LIST_HEAD(list);

	if (!folio)
		return DISABLED;
	if ((folio_test_swapbacked(folio) && !total_swap_pages) || !folio_isolate_lru(folio)) {
		folio_put(folio);
		return DISABLED;
	}
	folio_put(folio);
	must_be_freed = must_be_swapped_out(folio);
	list_add(&folio->lru, &list);
	if (!reclaim_pages(&list) && must_be_freed)
		image_report("not-swapped-out");
	return end(0);
}

EXPORT("reclaim") int image_reclaim(unsigned int number, unsigned int page) { return reclaim(folio_at(number, page)); }

EXPORT("reclaim_file") int image_reclaim_file(unsigned int page) { return reclaim(folio_of_file(page)); }

/* Asks whether a folio was referenced, as shrink_active_list() does: without its lock, and through its mappings. */
EXPORT("age") int image_age(unsigned int number, unsigned int page)
{
	struct folio *folio = folio_at(number, page);
	vm_flags_t flags;

	if (!folio)
		return DISABLED;
	folio_referenced(folio, 0, NULL, &flags);
	folio_put(folio);
	return end(0);
}

/* Ends a write to the swap device. @failed: whether nothing was written */
EXPORT("end_write") int image_end_write(unsigned int failed)
{
	if (!pending_writes())
		return DISABLED;
	end_write(failed);
	return end(0);
}

/* Whether a VMA is locked for writing: its pages may be moved, and nothing is zapped meanwhile. */
static bool is_write_locked(const struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	return (mm->mmap_lock.count.counter & RWSEM_WRITER_LOCKED) && vma->vm_lock_seq == mm->mm_lock_seq.sequence;
}

/* Forgets what MADV_DONTNEED has zapped so far. */
static void forget_zapped_so_far(const struct effect *effect)
{
	struct mm_struct *mm = image_mms[effect->number];
	unsigned int kinds = stop_yields(), page;
	bool huge;

	for (page = effect->page; page < effect->page + effect->pages; page++) {
		struct vm_area_struct *vma = vma_lookup(mm, ADDRESS(page));

		if (vma && !is_write_locked(vma) && !entry_at(mm, ADDRESS(page), &huge))
			forget_range(effect->number, page, 1);
	}
	allow_yields(kinds);
}

/* Applies what the operation has done to contents so far: other CPUs find it done. */
void leave_cpu(void)
{
	const struct effect effect = effects[image_cpu];

	if (effect.apply == follow_last_entries)
		follow_entries(effects + image_cpu);
	else if (effect.is_due)
		apply_effect(image_cpu);
	else if (effect.apply == forget_dontneed)
		/* Only the lock of the VMA is held, which may be released: what is zapped is gone. */
		forget_zapped_so_far(&effect);
	else if (effect.apply == allow_zero)
		allow_zero(&effect);
}

/* Another CPU may have moved or unmapped VMAs before the operation took the lock. */
void return_to_cpu(void)
{
	struct effect *effect = effects + image_cpu;
	struct mm_struct *mm = effect->apply == move_moved ? image_mms[effect->number] : NULL;

	if (effect->apply == follow_last_entries)
		see_entries(effect);

	if (mm && !effect->is_due && !rwsem_is_locked(&mm->mmap_lock))
		effect->had = pages_with_vma(mm, effect->page, effect->pages);
}
