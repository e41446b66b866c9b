/*
 * Locks. A lock word contains the number of the CPU that holds the lock. With one running CPU, acquiring a lock twice
 * is a deadlock, and releasing a lock that is not held is a fault.
 */
#include "harness.h"
#include "lock_order.h"
#include <linux/rwsem.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>

/* By CPU: whether interrupts are disabled; 0 between operations. */
int image_interrupts_off[IMAGE_CPUS];

#define ME ((unsigned int)image_cpu + 1)

/* A CPU that holds a spinlock is not preempted, and must not sleep. */

static bool take_spinlock(arch_spinlock_t *lock, unsigned int subclass, enum acquisition how)
{
	if (lock->owner)
		return false;
	lock->owner = ME;
	record_acquired(lock, subclass, how);
	preempt_disable();
	return true;
}

static void spin_lock_subclass(arch_spinlock_t *lock, unsigned int subclass)
{
	image_yield(IMAGE_LOCK);
	if (lock->owner == ME)
		image_fault("spinlock-taken-twice");
	while (!take_spinlock(lock, subclass, ACQUIRED))
		image_wait("spinlock");
}

int arch_spin_trylock(arch_spinlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	return take_spinlock(lock, 0, TRIED);
}

void arch_spin_lock(arch_spinlock_t *lock) { spin_lock_subclass(lock, 0); }

void arch_spin_unlock(arch_spinlock_t *lock)
{
	if (lock->owner != ME)
		image_fault("spinlock-not-held");
	lock->owner = 0;
	record_released(lock);
	preempt_enable();
	image_yield(IMAGE_LOCK);
}

#define READER (1u << (8 + 8 * image_cpu))
#define WRITER 0xffu

static bool take_rwlock(arch_rwlock_t *lock, unsigned int conflicting, unsigned int holder, enum acquisition how)
{
	if (lock->holders & conflicting)
		return false;
	lock->holders += holder;
	record_acquired(lock, 0, how);
	preempt_disable();
	return true;
}

int arch_read_trylock(arch_rwlock_t *lock) { return take_rwlock(lock, WRITER, READER, TRIED); }

int arch_write_trylock(arch_rwlock_t *lock) { return take_rwlock(lock, ~0u, ME, TRIED); }

void arch_read_lock(arch_rwlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	while (!take_rwlock(lock, WRITER, READER, ACQUIRED))
		image_wait("rwlock");
}

void arch_write_lock(arch_rwlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	while (!take_rwlock(lock, ~0u, ME, ACQUIRED))
		image_wait("rwlock");
}

static void release_rwlock(arch_rwlock_t *lock, unsigned int holder)
{
	lock->holders -= holder;
	record_released(lock);
	preempt_enable();
	image_yield(IMAGE_LOCK);
}

void arch_read_unlock(arch_rwlock_t *lock)
{
	if (!(lock->holders / READER & 0xff))
		image_fault("rwlock-not-held");
	release_rwlock(lock, READER);
}

void arch_write_unlock(arch_rwlock_t *lock)
{
	if (lock->holders != ME)
		image_fault("rwlock-not-held");
	release_rwlock(lock, ME);
}

unsigned long arch_local_save_flags(void)
{
	return image_interrupts_off[image_cpu] ? ARCH_IRQ_DISABLED : ARCH_IRQ_ENABLED;
}

void arch_local_irq_restore(unsigned long flags) { image_interrupts_off[image_cpu] = flags == ARCH_IRQ_DISABLED; }

void _raw_spin_lock(raw_spinlock_t *lock) { arch_spin_lock(&lock->raw_lock); }
void _raw_spin_lock_nested(raw_spinlock_t *lock, int subclass) { spin_lock_subclass(&lock->raw_lock, subclass); }
int _raw_spin_trylock(raw_spinlock_t *lock) { return arch_spin_trylock(&lock->raw_lock); }
void _raw_spin_unlock(raw_spinlock_t *lock) { arch_spin_unlock(&lock->raw_lock); }
void _raw_spin_lock_bh(raw_spinlock_t *lock) { arch_spin_lock(&lock->raw_lock); }
void _raw_spin_unlock_bh(raw_spinlock_t *lock) { arch_spin_unlock(&lock->raw_lock); }

void _raw_spin_lock_irq(raw_spinlock_t *lock)
{
	arch_local_irq_disable();
	arch_spin_lock(&lock->raw_lock);
}

void _raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	arch_spin_unlock(&lock->raw_lock);
	arch_local_irq_enable();
}

unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned long flags = arch_local_irq_save();

	arch_spin_lock(&lock->raw_lock);
	return flags;
}

void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	arch_spin_unlock(&lock->raw_lock);
	arch_local_irq_restore(flags);
}

void _raw_read_lock(rwlock_t *lock) { arch_read_lock(&lock->raw_lock); }
void _raw_read_unlock(rwlock_t *lock) { arch_read_unlock(&lock->raw_lock); }
void _raw_write_lock(rwlock_t *lock) { arch_write_lock(&lock->raw_lock); }
void _raw_write_unlock(rwlock_t *lock) { arch_write_unlock(&lock->raw_lock); }

void _raw_write_lock_irq(rwlock_t *lock)
{
	arch_local_irq_disable();
	arch_write_lock(&lock->raw_lock);
}

void _raw_write_unlock_irq(rwlock_t *lock)
{
	arch_write_unlock(&lock->raw_lock);
	arch_local_irq_enable();
}

/*
 * Semaphores. The count has the format that rwsem_is_locked() and the assertions of linux/rwsem.h expect:
 * RWSEM_WRITER_LOCKED, or a multiple of RWSEM_READER.
 */
#define RWSEM_READER 0x100

void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key)
{
	memset(sem, 0, sizeof(*sem));
}

static bool take_semaphore(struct rw_semaphore *sem, long conflicting, long holder, unsigned int subclass,
			   enum acquisition how)
{
	if (sem->count.counter & conflicting)
		return false;
	sem->count.counter += holder;
	record_acquired(sem, subclass, how);
	return true;
}

int down_read_trylock(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	return take_semaphore(sem, RWSEM_WRITER_LOCKED, RWSEM_READER, 0, TRIED);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	return take_semaphore(sem, -1, RWSEM_WRITER_LOCKED, 0, TRIED);
}

void down_read_nested(struct rw_semaphore *sem, int subclass)
{
	require_sleepable();
	image_yield(IMAGE_LOCK);
	while (!take_semaphore(sem, RWSEM_WRITER_LOCKED, RWSEM_READER, subclass, ACQUIRED))
		image_wait("semaphore");
}

void down_write_nested(struct rw_semaphore *sem, int subclass)
{
	require_sleepable();
	image_yield(IMAGE_LOCK);
	while (!take_semaphore(sem, -1, RWSEM_WRITER_LOCKED, subclass, ACQUIRED))
		image_wait("semaphore");
}

void down_read(struct rw_semaphore *sem) { down_read_nested(sem, 0); }
void down_write(struct rw_semaphore *sem) { down_write_nested(sem, 0); }

int down_read_killable(struct rw_semaphore *sem)
{
	down_read(sem);
	return 0;
}
int down_read_interruptible(struct rw_semaphore *sem)
{
	down_read(sem);
	return 0;
}
int down_write_killable(struct rw_semaphore *sem)
{
	down_write(sem);
	return 0;
}

void up_read(struct rw_semaphore *sem)
{
	if (sem->count.counter < RWSEM_READER)
		image_fault("semaphore-not-held-for-reading");
	sem->count.counter -= RWSEM_READER;
	record_released(sem);
	image_released(sem);
	image_yield(IMAGE_LOCK);
}

void up_write(struct rw_semaphore *sem)
{
	if (sem->count.counter != RWSEM_WRITER_LOCKED)
		image_fault("semaphore-not-held-for-writing");
	sem->count.counter = 0;
	record_released(sem);
	image_released(sem);
	image_yield(IMAGE_LOCK);
}

void downgrade_write(struct rw_semaphore *sem)
{
	if (sem->count.counter != RWSEM_WRITER_LOCKED)
		image_fault("semaphore-downgraded-not-held");
	sem->count.counter = RWSEM_READER;
}

#ifdef IMAGE_HAS_MUTEX_INIT_GENERIC
void mutex_init_generic(struct mutex *lock)
#else
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
#endif
{
	memset(lock, 0, sizeof(*lock));
}

static bool take_mutex(struct mutex *lock, enum acquisition how)
{
	if (lock->owner.counter)
		return false;
	lock->owner.counter = ME;
	record_acquired(lock, 0, how);
	return true;
}

int mutex_trylock(struct mutex *lock)
{
	image_yield(IMAGE_LOCK);
	return take_mutex(lock, TRIED);
}

void mutex_lock(struct mutex *lock)
{
	require_sleepable();
	image_yield(IMAGE_LOCK);
	while (!take_mutex(lock, ACQUIRED))
		image_wait("mutex");
}

int mutex_lock_killable(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}

void mutex_unlock(struct mutex *lock)
{
	if (lock->owner.counter != ME)
		image_fault("mutex-not-held");
	lock->owner.counter = 0;
	record_released(lock);
	image_yield(IMAGE_LOCK);
}

bool mutex_is_locked(struct mutex *lock) { return lock->owner.counter != 0; }
