/*
 * Migrates a folio in two halves with the tree's functions, so that other operations encounter its migration entries.
 */
#include <mm/migrate.c>
#include "harness.h"

static struct folio *new_folio(struct folio *src, unsigned long private)
{
	return __folio_alloc_noprof(GFP_HIGHUSER_MOVABLE | (folio_test_large(src) ? __GFP_COMP : 0), folio_order(src),
				    0, NULL);
}

#ifdef IMAGE_MIGRATE_UNMAP_HAS_REASON
#define REASON MR_SYSCALL,
#else
#define REASON
#endif

/* Result of migrate_folio_unmap() for an unmapped folio. */
#ifdef MIGRATEPAGE_UNMAP
#define UNMAPPED MIGRATEPAGE_UNMAP
#else
#define UNMAPPED 0
#endif

/* The functions of the tree require both folios on lists of the caller, and remove them at the end. */

/* @returns whether the folio was unmapped, with *dst allocated; if not, it is unchanged */
bool tree_migrate_begin(struct folio *src, struct folio **dst)
{
	LIST_HEAD(from);
	LIST_HEAD(left);
	int result;

	list_add(&src->lru, &from);
	result = migrate_folio_unmap(new_folio, NULL, 0, src, dst, MIGRATE_SYNC, REASON & left);
	list_del(&src->lru);
	return result == UNMAPPED;
}

/* Aborts the migration: the old folio is mapped again. */
void tree_migrate_undo(struct folio *src, struct folio *dst)
{
	LIST_HEAD(from);
	LIST_HEAD(left);
	struct anon_vma *anon_vma;
	int state;

	list_add(&src->lru, &from);
	__migrate_folio_extract(dst, &state, &anon_vma);
	migrate_folio_undo_src(src, state & PAGE_WAS_MAPPED, anon_vma, true, &left);
	migrate_folio_undo_dst(dst, true, NULL, 0);
	list_del(&src->lru);
}

/* @returns whether the folio was moved; if not, it is mapped again */
bool tree_migrate_finish(struct folio *src, struct folio *dst)
{
	LIST_HEAD(from);
	LIST_HEAD(to);
	LIST_HEAD(left);
	int error;

	list_add(&src->lru, &from);
	list_add(&dst->lru, &to);
	error = migrate_folio_move(NULL, 0, src, dst, MIGRATE_SYNC, MR_SYSCALL, &left);
	if (!error)
		return true;
	if (error == -EAGAIN)
		list_del(&dst->lru);
	list_del(&src->lru);
	if (error == -EAGAIN)
		tree_migrate_undo(src, dst);
	return false;
}
