/*
 * Locks. A lock word contains the number of the CPU that holds the lock. With one running CPU, acquiring a lock twice
 * is a deadlock, and releasing a lock that is not held is a fault.
 */
#include "harness.h"
#include <linux/rwsem.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>

/* By CPU: number of held locks of all kinds, and whether interrupts are disabled. All are 0 between operations. */
int image_locks_held[IMAGE_CPUS];
int image_interrupts_off[IMAGE_CPUS];

#define ME ((unsigned int)image_cpu + 1)

static void taken(void) { image_locks_held[image_cpu]++; }

static void released(void) { image_locks_held[image_cpu]--; }

static bool take_spinlock(arch_spinlock_t *lock)
{
	if (lock->owner)
		return false;
	lock->owner = ME;
	taken();
	return true;
}

int arch_spin_trylock(arch_spinlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	return take_spinlock(lock);
}

void arch_spin_lock(arch_spinlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	if (lock->owner == ME)
		image_fault("spinlock-taken-twice");
	while (!take_spinlock(lock))
		image_wait("spinlock");
}

void arch_spin_unlock(arch_spinlock_t *lock)
{
	if (lock->owner != ME)
		image_fault("spinlock-not-held");
	lock->owner = 0;
	released();
	image_yield(IMAGE_LOCK);
}

#define READER (1u << (8 + 8 * image_cpu))
#define WRITER 0xffu

int arch_read_trylock(arch_rwlock_t *lock)
{
	if (lock->holders & WRITER)
		return 0;
	lock->holders += READER;
	taken();
	return 1;
}

int arch_write_trylock(arch_rwlock_t *lock)
{
	if (lock->holders)
		return 0;
	lock->holders = ME;
	taken();
	return 1;
}

void arch_read_lock(arch_rwlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	while (!arch_read_trylock(lock))
		image_wait("rwlock");
}

void arch_write_lock(arch_rwlock_t *lock)
{
	image_yield(IMAGE_LOCK);
	while (!arch_write_trylock(lock))
		image_wait("rwlock");
}

void arch_read_unlock(arch_rwlock_t *lock)
{
	if (!(lock->holders / READER & 0xff))
		image_fault("rwlock-not-held");
	lock->holders -= READER;
	released();
	image_yield(IMAGE_LOCK);
}

void arch_write_unlock(arch_rwlock_t *lock)
{
	if (lock->holders != ME)
		image_fault("rwlock-not-held");
	lock->holders = 0;
	released();
	image_yield(IMAGE_LOCK);
}

unsigned long arch_local_save_flags(void)
{
	return image_interrupts_off[image_cpu] ? ARCH_IRQ_DISABLED : ARCH_IRQ_ENABLED;
}

void arch_local_irq_restore(unsigned long flags) { image_interrupts_off[image_cpu] = flags == ARCH_IRQ_DISABLED; }

void _raw_spin_lock(raw_spinlock_t *lock) { arch_spin_lock(&lock->raw_lock); }
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

static bool take_for_reading(struct rw_semaphore *sem)
{
	if (sem->count.counter & RWSEM_WRITER_LOCKED)
		return false;
	sem->count.counter += RWSEM_READER;
	taken();
	return true;
}

static bool take_for_writing(struct rw_semaphore *sem)
{
	if (sem->count.counter)
		return false;
	sem->count.counter = RWSEM_WRITER_LOCKED;
	taken();
	return true;
}

int down_read_trylock(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	return take_for_reading(sem);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	return take_for_writing(sem);
}

void down_read(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	while (!take_for_reading(sem))
		image_wait("semaphore");
}

void down_write(struct rw_semaphore *sem)
{
	image_yield(IMAGE_LOCK);
	while (!take_for_writing(sem))
		image_wait("semaphore");
}

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
	released();
	image_released(sem);
	image_yield(IMAGE_LOCK);
}

void up_write(struct rw_semaphore *sem)
{
	if (sem->count.counter != RWSEM_WRITER_LOCKED)
		image_fault("semaphore-not-held-for-writing");
	sem->count.counter = 0;
	released();
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

static bool take_mutex(struct mutex *lock)
{
	if (lock->owner.counter)
		return false;
	lock->owner.counter = ME;
	taken();
	return true;
}

int mutex_trylock(struct mutex *lock)
{
	image_yield(IMAGE_LOCK);
	return take_mutex(lock);
}

void mutex_lock(struct mutex *lock)
{
	image_yield(IMAGE_LOCK);
	while (!take_mutex(lock))
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
	released();
	image_yield(IMAGE_LOCK);
}

bool mutex_is_locked(struct mutex *lock) { return lock->owner.counter != 0; }
