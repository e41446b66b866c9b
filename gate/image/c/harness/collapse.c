/* Checks of a collapse: whether it may fail, and must fail, and what it changes. */
#include "harness.h"

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#include "collapse.h"
#include "contents.h"

/* Entries of a page table, by which the kernel decides. */
struct counts {
	/* Entries without a page, entries whose folio another process maps, and swap entries. */
	unsigned int empty, shared, swapped;
	/* Entries whose folio may be taken for one that another process maps. */
	unsigned int maybe_shared;
	unsigned int young;
	/* Some versions of khugepaged skip pages of MADV_FREE. */
	unsigned int lazyfree;
	/* Entries that cannot be collapsed. */
	unsigned int preventing;
};

static bool is_mapped_by_other(struct mm_struct *mm, struct folio *folio)
{
	unsigned int page;
	bool huge;

	for (page = 0; page < IMAGE_PAGES; page++) {
		unsigned long entry = entry_at(mm, ADDRESS(page), &huge);

		if (is_present_entry(entry) && page_folio(image_pages + (entry >> PAGE_SHIFT)) == folio)
			return true;
	}
	return false;
}

static bool is_mapped_by_others(struct mm_struct *mm, struct folio *folio)
{
	unsigned int i;

	for (i = 0; i < IMAGE_MMS; i++)
		if (image_mms[i] && image_mms[i] != mm && is_mapped_by_other(image_mms[i], folio))
			return true;
	return false;
}

/* Whether a folio is under migration or writeback, or has other references than those that the kernel expects. */
static bool prevents_collapse(struct folio *folio)
{
	return !folio_test_lru(folio) || folio_test_locked(folio) || folio_test_writeback(folio) ||
	       folio_ref_count(folio) != folio_expected_ref_count(folio);
}

static void count_entry(struct mm_struct *mm, unsigned long entry, struct counts *counts)
{
	unsigned int frame = entry >> PAGE_SHIFT, index;
	struct folio *folio;

	if (!entry || (is_present_entry(entry) && frame == IMAGE_ZERO_FRAME)) {
		counts->empty++;
	} else if (is_swap_entry(entry)) {
		folio = cached_folio(frame, &index);
		counts->swapped++;
		/* Others may map its folio, which counts after the swap-in. */
		counts->maybe_shared++;
		counts->preventing += folio && prevents_collapse(folio);
	} else if (is_present_entry(entry)) {
		folio = page_folio(image_pages + frame);
		counts->shared += is_mapped_by_others(mm, folio);
		counts->maybe_shared += folio_maybe_mapped_shared(folio);
		counts->young += !!(entry & _PAGE_YOUNG);
		counts->lazyfree += !folio_test_swapbacked(folio);
		counts->preventing += prevents_collapse(folio);
	} else {
		counts->preventing++;
	}
}

bool has_collapsible_vma(struct mm_struct *mm, unsigned int page)
{
	struct vm_area_struct *vma = vma_lookup(mm, ADDRESS(page));

	return vma && vma->anon_vma && vma->vm_end >= ADDRESS(page) + PMD_SIZE;
}

/* Whether khugepaged finds that too few pages were accessed. */
static bool is_idle(const struct counts *counts) { return counts->young < (counts->swapped ? PTRS_PER_PTE / 2 : 1); }

static void read_table(struct mm_struct *mm, struct collapsed_table *table, enum collapse_obstacle obstacle,
		       bool is_khugepaged, struct collapse_limits limits)
{
	struct counts counts = {};
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		table->entries[i] = entry_at(mm, ADDRESS(table->page + i), &table->was_huge);
		if (!table->was_huge)
			count_entry(mm, table->entries[i], &counts);
	}
	table->may_fail = obstacle != NO_OBSTACLE || counts.preventing || counts.empty > limits.empty ||
			  counts.maybe_shared > limits.shared || counts.swapped > limits.swapped ||
			  (is_khugepaged && (is_idle(&counts) || counts.lazyfree)) ||
			  !has_collapsible_vma(mm, table->page) || !has_table(mm, ADDRESS(table->page));
	table->must_fail = obstacle == NO_HUGE_PAGE || (obstacle == UNREADABLE_PAGE && counts.empty < PTRS_PER_PTE) ||
			   counts.empty > limits.empty || counts.shared > limits.shared ||
			   counts.swapped > limits.swapped;
}

/* Returns the folio of the last present entry of a table that is not huge; NULL for none. */
static struct folio *last_folio(const struct collapsed_table *table)
{
	unsigned int i;

	for (i = PTRS_PER_PTE; i-- && !table->was_huge;)
		if (is_present_entry(table->entries[i]) && table->entries[i] >> PAGE_SHIFT >= IMAGE_FIRST_FRAME)
			return page_folio(image_pages + (table->entries[i] >> PAGE_SHIFT));
	return NULL;
}

void begin_collapse(struct collapse *collapse, struct mm_struct *mm, unsigned int page, unsigned int pages,
		    enum collapse_obstacle obstacle, bool is_khugepaged, struct collapse_limits limits)
{
	struct folio *folio;
	unsigned int i;

	*collapse = (struct collapse){ .mm = mm, .nr_tables = image_races ? 0 : pages / PTRS_PER_PTE };
	for (i = 0; i < collapse->nr_tables; i++) {
		struct collapsed_table *table = collapse->tables + i;

		table->page = page + i * PTRS_PER_PTE;
		read_table(mm, table, obstacle, is_khugepaged, limits);
		/* After some failures, MADV_COLLAPSE does not try the other tables. */
		table->may_fail |= i && table[-1].may_fail;
	}
	folio = obstacle == OTHER_REFERENCE ? last_folio(collapse->tables) : NULL;
	/* Another table need not map the folio. */
	collapse->tables[0].must_fail |= !!folio;
	set_collapse_obstacle(obstacle, folio);
}

/* @returns whether a huge page maps the table */
static bool check_table(struct mm_struct *mm, const struct collapsed_table *table)
{
	bool huge;
	unsigned int i;

	entry_at(mm, ADDRESS(table->page), &huge);
	if (huge && !table->was_huge) {
		if (table->must_fail)
			image_report("collapsed-though-prevented");
		return true;
	}
	if (!table->was_huge && !table->may_fail)
		image_report("not-collapsed");
	/* A swap-in may have succeeded before the collapse failed. */
	for (i = 0; i < PTRS_PER_PTE; i++)
		if (!is_swap_entry(table->entries[i]) &&
		    entry_at(mm, ADDRESS(table->page + i), &huge) != table->entries[i])
			image_report("changed-by-failed-collapse");
	return huge;
}

bool end_collapse(const struct collapse *collapse)
{
	bool is_huge = true;
	unsigned int i;

	for (i = 0; i < collapse->nr_tables; i++)
		is_huge &= check_table(collapse->mm, collapse->tables + i);
	clear_collapse_obstacle();
	return is_huge;
}
#endif
