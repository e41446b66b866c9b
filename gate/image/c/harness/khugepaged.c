/*
 * Includes the tree's khugepaged.c, lets khugepaged scan one page table, and lets a collapse fail. A kernel may be built
 * without it.
 */
#include "harness.h"

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#include <linux/highmem.h>
#include <mm/mm_slot.h>
#include "collapse.h"

static enum collapse_obstacle obstacle;
/* Gets another reference when a huge page is allocated; NULL for none. */
static struct folio *to_be_referenced;
/* Has got it. */
static struct folio *referenced;

void set_collapse_obstacle(enum collapse_obstacle next, struct folio *folio)
{
	obstacle = next;
	to_be_referenced = folio;
}

void clear_collapse_obstacle(void)
{
	if (referenced)
		folio_put(referenced);
	obstacle = NO_OBSTACLE;
	to_be_referenced = referenced = NULL;
}

static struct folio *allocate_huge_page(gfp_t gfp, unsigned int order, int node, nodemask_t *nodes)
{
	if (obstacle == NO_HUGE_PAGE)
		return NULL;
	if (to_be_referenced) {
		referenced = to_be_referenced;
		to_be_referenced = NULL;
		folio_get(referenced);
	}
	return __folio_alloc_noprof(gfp, order, node, nodes);
}

/* Returns the number of bytes that were not copied. */
static int copy_readable_page(struct page *to, struct page *from, unsigned long address, struct vm_area_struct *vma)
{
	return obstacle == UNREADABLE_PAGE ? PAGE_SIZE : copy_mc_user_highpage(to, from, address, vma);
}

/*
 * khugepaged knows an MM only while it scans it, in this slot: the place of a slot in the hash table depends on the
 * address of the MM. Other MMs get no slot, as if memory were short.
 */
static struct mm_slot scanned_slot;
/* The CPU that khugepaged runs on, plus 1; 0 for none. */
static int scanning_cpu;

#undef __folio_alloc
#define __folio_alloc allocate_huge_page
#define copy_mc_user_highpage copy_readable_page
#define mm_slot_alloc(cache) (scanning_cpu == image_cpu + 1 && !scanned_slot.mm ? &scanned_slot : NULL)
#define mm_slot_free(cache, freed) memset((freed), 0, sizeof(scanned_slot))
#include <mm/khugepaged.c>

#ifndef IMAGE_HAS_MM_FLAGS
#define mm_flags_test(flag, mm) test_bit(flag, &(mm)->flags)
#define mm_flags_set(flag, mm) set_bit(flag, &(mm)->flags)
#define mm_flags_clear(flag, mm) clear_bit(flag, &(mm)->flags)
#endif

/* Registers an MM whose process has not exited: in the kernel, it does that itself. */
static void register_mm(struct mm_struct *mm)
{
	unsigned int kinds = image_yields;

	image_yields = 0;
	/* Set by a fault that found no slot. */
	mm_flags_clear(MMF_VM_HUGEPAGE, mm);
	__khugepaged_enter(mm);
	image_yields = kinds;
}

/* Scans a page table of the MM in the slot. */
static void scan_slot(unsigned long address)
{
	struct collapse_control control = { .is_khugepaged = true };

	khugepaged_scan.mm_slot = &scanned_slot;
	khugepaged_scan.address = address;
	/* The scan ends after the first page table, which exceeds one page. */
#ifdef IMAGE_COLLAPSE_CONTROL_HAS_PROGRESS
	collapse_scan_mm_slot(1, &(enum scan_result){ 0 }, &control);
#else
	khugepaged_scan_mm_slot(1, &(int){ 0 }, &control);
#endif
	khugepaged_scan.mm_slot = NULL;
	khugepaged_scan.address = 0;
	khugepaged_full_scans = khugepaged_pages_collapsed = 0;
}

bool tree_khugepaged_scan(struct mm_struct *mm, unsigned long address, struct collapse_limits limits)
{
	bool had_flag = mm_flags_test(MMF_VM_HUGEPAGE, mm), is_registered;

	if (scanning_cpu)
		return false;
	scanning_cpu = image_cpu + 1;
	mmgrab(mm);
	choose_anon_order(HPAGE_PMD_ORDER);
	khugepaged_max_ptes_none = limits.empty;
	khugepaged_max_ptes_shared = limits.shared;
	khugepaged_max_ptes_swap = limits.swapped;
	register_mm(mm);
	spin_lock(&khugepaged_mm_lock);
	/* The process may have exited. */
	if (!list_empty(&khugepaged_scan.mm_head))
		scan_slot(address);
	/* The scan removes the MM of a process that has exited. */
	is_registered = !list_empty(&khugepaged_scan.mm_head);
	spin_unlock(&khugepaged_mm_lock);
	if (is_registered)
		__khugepaged_exit(mm);
	if (had_flag)
		mm_flags_set(MMF_VM_HUGEPAGE, mm);
	khugepaged_max_ptes_none = khugepaged_max_ptes_shared = khugepaged_max_ptes_swap = 0;
	choose_anon_order(0);
	mmdrop(mm);
	scanning_cpu = 0;
	return true;
}
#endif
