#ifndef _IMAGE_COLLAPSE_H
#define _IMAGE_COLLAPSE_H

/* What prevents a collapse. Must match gate/image/machine/image-operations.ts. */
enum collapse_obstacle {
	NO_OBSTACLE,
	NO_HUGE_PAGE,
	/* The first page that is copied cannot be read: its memory is faulty. */
	UNREADABLE_PAGE,
	/* The folio of the last page that is mapped gets another reference when the huge page is allocated. */
	OTHER_REFERENCE,
};

/* Most entries of each kind in a page table that is collapsed. */
struct collapse_limits {
	unsigned int empty, shared, swapped;
};

/* MADV_COLLAPSE has no limits. */
#define NO_LIMITS ((struct collapse_limits){ PTRS_PER_PTE, PTRS_PER_PTE, PTRS_PER_PTE })

/* The limit of khugepaged that is 0; others have their maximum. Must match gate/image/machine/image-operations.ts. */
enum strict_limit { NO_STRICT_LIMIT, STRICT_EMPTY, STRICT_SHARED, STRICT_SWAPPED };

static inline struct collapse_limits limits_of(enum strict_limit strict)
{
	return (struct collapse_limits){ .empty = strict == STRICT_EMPTY ? 0 : PTRS_PER_PTE - 1,
					 .shared = strict == STRICT_SHARED ? 0 : PTRS_PER_PTE - 1,
					 .swapped = strict == STRICT_SWAPPED ? 0 : PTRS_PER_PTE - 1 };
}

/* A page table before a collapse. */
struct collapsed_table {
	unsigned int page;
	unsigned long entries[PTRS_PER_PTE];
	bool was_huge;
	/* Whether the rules of the kernel let the collapse fail, and whether they require that it fails. */
	bool may_fail, must_fail;
};

#define COLLAPSED_TABLES 2

/* The page tables of a range before a collapse; none in a race, in which nothing is claimed. */
struct collapse {
	struct mm_struct *mm;
	unsigned int nr_tables;
	struct collapsed_table tables[COLLAPSED_TABLES];
};

/* Whether a VMA with an anon_vma covers a page table. */
bool has_collapsible_vma(struct mm_struct *mm, unsigned int page);
void begin_collapse(struct collapse *collapse, struct mm_struct *mm, unsigned int page, unsigned int pages,
		    enum collapse_obstacle obstacle, bool is_khugepaged, struct collapse_limits limits);
/* @returns whether the whole range is mapped by huge pages now; true in a race */
bool end_collapse(const struct collapse *collapse);

/* The obstacle of the next collapse. @folio: gets the other reference; NULL for none */
void set_collapse_obstacle(enum collapse_obstacle obstacle, struct folio *folio);
/* Removes the obstacle. */
void clear_collapse_obstacle(void);

/* Lets khugepaged scan the page table of an address. @returns false while it scans another one */
bool tree_khugepaged_scan(struct mm_struct *mm, unsigned long address, struct collapse_limits limits);

#endif
