/* Scheduling: sleep, wakeup, grace periods, time, and the current CPU. */
#include "harness.h"
#include <linux/rcupdate.h>
#include <linux/rcuwait.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/percpu-refcount.h>
#include <linux/completion.h>

int image_cpu;
unsigned int image_yields;
bool image_races;

/* Number of yields of CPU 0 up to that at which CPU 1 runs. */
static unsigned int yields_left;

/* Runs an operation on CPU 1, or abandons that of CPU 0 if it cannot run now. */
IMPORT("yield") void image_host_yield(void);

void image_yield_now(void)
{
	if (--yields_left)
		return;
	image_yields = 0;
	image_host_yield();
}

/*
 * Lets the next operation race with one of CPU 1.
 *
 * @kinds: kinds of points at which CPU 0 yields
 * @number: number of the yield at which CPU 1 runs, from 1
 */
EXPORT("start_race") void image_start_race(unsigned int kinds, unsigned int number)
{
	image_races = true;
	image_yields = kinds;
	yields_left = number;
}

EXPORT("yields_left") unsigned int image_yields_left(void) { return yields_left; }

EXPORT("enter_cpu") void image_enter_cpu(int cpu)
{
	if (cpu)
		image_second_begins();
	else
		image_second_ended();
	image_cpu = cpu;
	apply_anon_order();
}

/* Blocks forever: no other operation runs meanwhile. The operation is undone. */
void schedule(void) { image_wait("sleep"); }
void io_schedule(void) { image_wait("sleep"); }
long schedule_timeout(long timeout) { image_wait("sleep"); }
signed long schedule_timeout_uninterruptible(signed long timeout) { image_wait("sleep"); }
signed long io_schedule_timeout(signed long timeout) { image_wait("sleep"); }
void image_relax(void) { image_wait("spin"); }
int __cond_resched(void) { return 0; }
void yield(void) {}
void wait_for_completion(struct completion *completion) { image_wait("completion"); }

int wake_up_state(struct task_struct *task, unsigned int state) { return 0; }
int wake_up_process(struct task_struct *task) { return 0; }
int __wake_up(struct wait_queue_head *queue, unsigned int mode, int number, void *key) { return 0; }
void __wake_up_locked_key(struct wait_queue_head *queue, unsigned int mode, void *key) {}
void __init_waitqueue_head(struct wait_queue_head *queue, const char *name, struct lock_class_key *key)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->head);
}
void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry) {}
void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry) {}
int rcuwait_wake_up(struct rcuwait *wait) { return 0; }
void finish_rcuwait(struct rcuwait *wait) {}
int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key) { return 0; }

/* Queued work never runs. */
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
