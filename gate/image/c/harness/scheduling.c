/* Scheduling: sleep, wakeup, grace periods, time, and the current CPU. */
#include "harness.h"
#include "contents.h"
#include "swap_device.h"
#include <linux/rcupdate.h>
#include <linux/rcuwait.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/percpu-refcount.h>
#include <linux/completion.h>

int image_cpu;
extern int image_interrupts_off[IMAGE_CPUS];
unsigned int image_yields;
bool image_races;

/* Number of yields up to that at which another CPU runs. */
static unsigned int yields_left;
/* Bits of CPUs that may stop in the middle of an operation, and the number of other operations that have not ended. */
static unsigned int preemptible, others;

/* Lets another CPU run, or abandons the operation. */
IMPORT("yield") void image_host_yield(void);

void image_yield_now(void)
{
	if (--yields_left)
		return;
	image_yields = 0;
	image_host_yield();
}

/*
 * Lets the next operations race.
 *
 * @cpus: their number
 * @preempted: bits of the CPUs whose operation another one may interrupt
 */
EXPORT("start_race") void image_start_race(unsigned int cpus, unsigned int preempted)
{
	image_races = true;
	begin_numbers_of_race();
	others = cpus - 1;
	preemptible = preempted;
}

/*
 * Lets the current CPU yield once.
 *
 * @kinds: kinds of points at which it yields
 * @number: number of the yield, from 1
 */
EXPORT("yield_at") void image_yield_at(unsigned int kinds, unsigned int number)
{
	image_yields = kinds;
	yields_left = number;
}

EXPORT("yields_left") unsigned int image_yields_left(void) { return yields_left; }

bool is_preemptible(void) { return preemptible & (1u << image_cpu); }

bool is_last_to_end(void)
{
	if (others) {
		others--;
		return false;
	}
	if (image_races) {
		zero_free_objects();
		end_numbers_of_race();
	}
	image_races = false;
	image_yields = yields_left = preemptible = 0;
	return true;
}

EXPORT("enter_cpu") void image_enter_cpu(int cpu)
{
	leave_cpu();
	image_cpu = cpu;
	return_to_cpu();
	apply_anon_order();
}

/* Times that the current operation became a reader of RCU; by CPU. */
static unsigned int times_reader[IMAGE_CPUS];
/* More than an operation has that does not look something up again and again until another operation has gone on. */
#define MOST_TIMES_READER 512

/* Loops without another sign of waiting, such as that of shmem_get_folio_gfp(), become a reader in each iteration. */
static void wait_if_trying_again(void)
{
	if (!image_races || preempt_count() || rcu_preempt_depth())
		return;
	if (++times_reader[image_cpu] > MOST_TIMES_READER) {
		times_reader[image_cpu] = 0;
		image_wait("retry");
	}
}

/*
 * Readers of RCU. The nesting depth is that of a preemptible kernel; a reader must not sleep in either.
 */
void __rcu_read_lock(void)
{
	image_yield(IMAGE_RCU);
	wait_if_trying_again();
	current->rcu_read_lock_nesting++;
}

void __rcu_read_unlock(void)
{
	if (!current->rcu_read_lock_nesting)
		image_fault("rcu-not-read");
	current->rcu_read_lock_nesting--;
	image_yield(IMAGE_RCU);
}

/*
 * A place that may sleep was reached where that is forbidden: with a spinlock, preemption or interrupts disabled, or as
 * a reader of RCU.
 */
IMPORT("atomic_sleep") void image_atomic_sleep(const char *file, int line);

/* @allowed: nesting of preempt_disable(), and above that of rcu_read_lock(), that the caller ends before it sleeps */
void __might_resched(const char *file, int line, unsigned int allowed)
{
	unsigned int nesting = preempt_count() + (rcu_preempt_depth() << MIGHT_RESCHED_RCU_SHIFT);

	if (nesting != allowed || irqs_disabled() || current->non_block_count)
		image_atomic_sleep(file, line);
}

void __might_sleep(const char *file, int line) { __might_resched(file, line, 0); }

void require_sleepable(void) { __might_resched(NULL, 0, 0); }

/* A wakeup is not awaited: callers test their condition again. */
static void sleep_once(void)
{
	require_sleepable();
	if (!image_races && !pages_under_migration() && !pending_writes())
		image_fault("sleeps-forever");
	image_wait("sleep");
}

void schedule(void) { sleep_once(); }
void io_schedule(void) { sleep_once(); }
long schedule_timeout(long timeout)
{
	sleep_once();
	return timeout;
}
signed long schedule_timeout_uninterruptible(signed long timeout) { return schedule_timeout(timeout); }
signed long io_schedule_timeout(signed long timeout) { return schedule_timeout(timeout); }
void image_relax(void) { image_wait("spin"); }

/*
 * More calls of cond_resched() than an operation, or reading /proc, has that does not try again until another operation
 * has ended. In a race it is lower, since each call is a point at which another CPU may run.
 */
#define MOST_CALLS_OF_RESCHED (image_races ? 64 : 1024)
/* By CPU, of the current operation. */
static unsigned int calls_of_resched[IMAGE_CPUS];

/* Additions that the current operation tried, and that another CPU prevents; by CPU. */
static unsigned int not_added[IMAGE_CPUS];
/* More than an operation has that does not try one of them again until another operation has gone on. */
#define MOST_NOT_ADDED 64

void image_not_added(void)
{
	if (image_races && ++not_added[image_cpu] > MOST_NOT_ADDED) {
		not_added[image_cpu] = 0;
		image_wait("spin");
	}
}

void forget_calls_of_resched(void)
{
	calls_of_resched[image_cpu] = 0;
	not_added[image_cpu] = 0;
	times_reader[image_cpu] = 0;
}

int __cond_resched(void)
{
	image_yield(IMAGE_SLEEP);
	/* Without another operation, the loop is endless. */
	if (++calls_of_resched[image_cpu] > MOST_CALLS_OF_RESCHED && (image_races || pages_under_migration())) {
		calls_of_resched[image_cpu] = 0;
		image_wait("retry");
	}
	return 0;
}

void yield(void) {}
void wait_for_completion(struct completion *completion)
{
	require_sleepable();
	while (!completion->done)
		image_wait("completion");
	completion->done--;
}

int wake_up_state(struct task_struct *task, unsigned int state) { return 0; }
int wake_up_process(struct task_struct *task) { return 0; }
int __wake_up(struct wait_queue_head *queue, unsigned int mode, int number, void *key) { return 0; }
void __wake_up_locked_key(struct wait_queue_head *queue, unsigned int mode, void *key)
{
	struct wait_queue_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &queue->head, entry) if (entry->func(entry, mode, 0, key) < 0) break;
}
void __init_waitqueue_head(struct wait_queue_head *queue, const char *name, struct lock_class_key *key)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->head);
}
void __init_swait_queue_head(struct swait_queue_head *queue, const char *name, struct lock_class_key *key)
{
	INIT_LIST_HEAD(&queue->task_list);
}
void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry) {}
void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry, int state) {}
void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry) {}
void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry) { list_del_init(&entry->entry); }
int rcuwait_wake_up(struct rcuwait *wait) { return 0; }
void finish_rcuwait(struct rcuwait *wait) { rcu_assign_pointer(wait->task, NULL); }
int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key) { return 0; }

/*
 * Interrupts the other CPUs, and waits until each has executed a function, which it does where interrupts are enabled.
 * The only function that is called so does nothing: the tree frees page tables after it.
 */
void smp_call_function(smp_call_func_t function, void *info, int wait)
{
	int cpu;

	for (cpu = 0; cpu < IMAGE_CPUS; cpu++)
		while (cpu != image_cpu && image_interrupts_off[cpu])
			image_wait("interrupt");
}

/* Whether a CPU is a reader of RCU: interrupts, preemption or rcu_read_lock() hold off a grace period. */
static bool is_rcu_reader(int cpu)
{
	const struct task_struct *task = image_current[cpu];

	return image_interrupts_off[cpu] || task->thread_info.preempt_count || task->rcu_read_lock_nesting;
}

/* Callbacks of call_rcu() run later, at the end of the operation. */
void synchronize_rcu(void)
{
	int cpu;

	require_sleepable();
	for (cpu = 0; cpu < IMAGE_CPUS; cpu++)
		while (cpu != image_cpu && is_rcu_reader(cpu))
			image_wait("grace-period");
}

/* Timers never expire, and queued work never runs. */
void timer_init_key(struct timer_list *timer, void (*function)(struct timer_list *timer), unsigned int flags,
		    const char *name, struct lock_class_key *key)
{
}
bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work) { return true; }
bool flush_work(struct work_struct *work) { return false; }

/* Callbacks of call_rcu() in the current operation, in order. */
static struct rcu_head *callbacks;
static struct rcu_head **last = &callbacks;

void call_rcu(struct rcu_head *head, rcu_callback_t callback)
{
	head->func = callback;
	head->next = NULL;
	*last = head;
	last = &head->next;
}

static void free_object_around(struct rcu_head *head) { free_object_with(head); }

void kvfree_call_rcu(struct rcu_head *head, void *pointer) { call_rcu(head, free_object_around); }

void end_grace_period(void)
{
	while (callbacks) {
		struct rcu_head *head = callbacks;

		callbacks = head->next;
		if (!callbacks)
			last = &callbacks;
		head->func(head);
	}
}
