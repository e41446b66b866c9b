/* Declarations that units of the harness share. */
#ifndef _IMAGE_HARNESS_H
#define _IMAGE_HARNESS_H

#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/huge_mm.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/pagewalk.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <mm/internal.h>

#define IMAGE_MMS 3
#define IMAGE_CPUS 2
/* Pages of the address space of an MM. */
#define IMAGE_PAGES (TASK_SIZE >> PAGE_SHIFT)

/* Orders of anonymous folios: up to that of a PMD. */
#define IMAGE_ORDERS (PMD_SHIFT - PAGE_SHIFT + 1)

/* Frame 0 stays empty, so that no entry of a page table is 0; the next one is the zero page. */
#define IMAGE_FIRST_FRAME 8

#define IMPORT(name) __attribute__((import_module("image"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

/*
 * Reports have codes, which gate/image/module/image-report.ts lists, and report/text/image-warning.ts puts into words. They are part of
 * what a baseline knows a finding by.
 */

/* Something is wrong: it is reported, and the operation goes on. */
IMPORT("report") void image_report(const char *code);
/* The kernel broke a rule that the harness watches over. */
IMPORT("fault") __attribute__((noreturn)) void image_fault(const char *code);
/* The operation cannot go on before something else happened, which a code names: it is undone. */
IMPORT("wait") __attribute__((noreturn)) void image_wait(const char *code);
/* The image is too small for the bounds: the search ends. The reason is a sentence. */
IMPORT("full") __attribute__((noreturn)) void image_full(const char *reason);

/* The processes, by number; NULL where there is none. */
extern struct mm_struct *image_mms[IMAGE_MMS];
extern struct page image_pages[IMAGE_FRAMES];

/* By unit of the tree that the harness includes, to reach static functions. */
struct mm_struct *tree_dup_mm(struct task_struct *task, struct mm_struct *mm);
/* The ids of MMs that are taken, as an XArray has a few in one word. */
void **tree_allocated_ids(void);
unsigned long tree_deferred_split_scan(void);
/* nr_anon and nr_anon_partially_mapped of an order. */
void tree_huge_statistics(unsigned int order, int *anon, int *partially_mapped);
/* Length of the deferred-split queue. */
int tree_queue_length(void);
bool tree_migrate_begin(struct folio *src, struct folio **dst);
bool tree_migrate_finish(struct folio *src, struct folio *dst);
void tree_migrate_undo(struct folio *src, struct folio *dst);

void boot_page_alloc(void);
void boot_slab(void);
void boot_fork(void);
void boot_huge_memory(void);
/* Of the next new anonymous folio, as far as it fits; 0: a small one. */
void choose_anon_order(unsigned int order);
/* Pages of the folio that is unmapped to be migrated. */
int pages_under_migration(void);
/* Clears counters of events, by order. */
void forget_huge_events(void);

/* Runs what was left for the end of a grace period. */
void end_grace_period(void);
void drain_batches(void);

void free_object_with(const void *inside);

/* A fault unless locks, interrupts and preemption are as they are between operations. */
void require_rest(void);

/* Whether a frame belongs to a page or page table in use. */
extern unsigned char image_frame_used[IMAGE_FRAMES];

#endif
