/* Declarations shared by the translation units of the harness. */
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
#define IMAGE_CPUS NR_CPUS
/* Pages of the address space of an MM. */
#define IMAGE_PAGES (TASK_SIZE >> PAGE_SHIFT)

#define ADDRESS(page) ((unsigned long)(page) << PAGE_SHIFT)

/* Orders of anonymous folios: up to that of a PMD. */
#define IMAGE_ORDERS (PMD_SHIFT - PAGE_SHIFT + 1)

/* Frame 0 is unused, so that no entry of a page table is 0; frame 1 is the zero page. */
#define IMAGE_FIRST_FRAME 8

#define IMPORT(name) __attribute__((import_module("image"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

/*
 * Codes of reports: gate/image/module/image-report.ts lists them, report/text/image-warning.ts has their texts. They
 * are part of the signature of a finding.
 */

/* Reports a violation. The operation continues. */
IMPORT("report") void image_report(const char *code);
/* Reports a violated rule of the kernel that the harness checks. The operation ends. */
IMPORT("fault") __attribute__((noreturn)) void image_fault(const char *code);
/*
 * Stops the operation, which cannot continue before another event, given by a code. It is undone; if CPUs take turns,
 * it returns when the CPU continues, which need not be after the event.
 */
IMPORT("wait") void image_wait(const char *code);
/* Stops the search: the image is too small for the bounds. @reason is a sentence. */
IMPORT("full") __attribute__((noreturn)) void image_full(const char *reason);

/* Processes by number; NULL for none. */
extern struct mm_struct *image_mms[IMAGE_MMS];
extern struct page image_pages[IMAGE_FRAMES];

/* Exported by the translation units that include files of the tree, for access to static functions. */
struct mm_struct *tree_dup_mm(struct task_struct *task, struct mm_struct *mm);
/* Returns the set of allocated MM ids: an XArray stores the first ones as bits of one word. */
void **tree_allocated_ids(void);
unsigned long tree_deferred_split_scan(void);
/* Returns nr_anon and nr_anon_partially_mapped of an order. */
void tree_huge_statistics(unsigned int order, int *anon, int *partially_mapped);
/* Returns the length of the deferred-split queue. */
int tree_queue_length(void);
bool tree_migrate_begin(struct folio *src, struct folio **dst);
bool tree_migrate_finish(struct folio *src, struct folio *dst);
void tree_migrate_undo(struct folio *src, struct folio *dst);

void boot_page_alloc(void);
void boot_slab(void);
void boot_fork(void);
void boot_huge_memory(void);
/* Prepares swapping: sets up what swap_on() needs. */
void boot_swap(void);
/* Returns the swap count of a slot: the entries that refer to it. */
int swap_count_of(unsigned int slot);
/* Sets the order of new anonymous folios of this CPU, where it fits; 0: single pages. */
void choose_anon_order(unsigned int order);
/* Lets the order of this CPU take effect. */
void apply_anon_order(void);
/* Returns the pages of the folio that is unmapped for migration. */
int pages_under_migration(void);
/* Clears the event counters of all orders, and adds the other counters of CPU 1 to those of CPU 0. */
void forget_huge_events(void);

/* Whether operations of several CPUs race: between any two steps of one, another one may have run. */
extern bool image_races;
/* Whether another CPU may run in the middle of the current operation. */
bool is_preemptible(void);
/* The current operation has ended. @returns whether no other CPU is in the middle of one */
bool is_last_to_end(void);

/* An operation that calls cond_resched() often tries again until another one has ended; this one has ended itself. */
void forget_calls_of_resched(void);

/* A semaphore was released, which may be the lock of an address space. */
void image_released(const struct rw_semaphore *lock);
/* The current CPU stops and continues in the middle of an operation, or between operations. */
void leave_cpu(void);
void return_to_cpu(void);

/* Runs the callbacks that were deferred to the end of a grace period. */
void end_grace_period(void);
void drain_batches(void);

/* Zeroes the objects that were freed in a race, which has ended. */
void zero_free_objects(void);
void free_object_with(const void *inside);
/* Whether an address is in an object that is free. */
bool is_in_free_object(const void *inside);

/* Reports a fault unless no lock is held, and interrupts and preemption are enabled. */
void require_rest(void);
/* Reports where the current CPU must not sleep. To be called by functions that may sleep. */
void require_sleepable(void);

/* Whether a frame is in use, as part of a folio or as a page table. */
extern unsigned char image_frame_used[IMAGE_FRAMES];

#endif
