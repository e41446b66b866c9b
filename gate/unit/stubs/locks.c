typedef struct {
	char nothing[0];
} spinlock_t, rwlock_t;
extern int gate_spinlocks;
#define GATE_LOCK(lock) ((void)(lock), (void)gate_spinlocks++)
#define GATE_UNLOCK(lock) ((void)(lock), (void)gate_spinlocks--)
#define bit_spin_lock(bit, word) ((void)GATE_WARN(test_and_set_bit(bit, word)))
#define bit_spin_unlock(bit, word) ((void)GATE_WARN(!test_and_clear_bit(bit, word)))
#define __bit_spin_unlock(bit, word) bit_spin_unlock(bit, word)
#define bit_spin_is_locked(bit, word) test_bit(bit, word)
#define spin_lock(lock) GATE_LOCK(lock)
#define spin_unlock(lock) GATE_UNLOCK(lock)
#define spin_lock_irq(lock) GATE_LOCK(lock)
#define spin_unlock_irq(lock) GATE_UNLOCK(lock)
#define spin_lock_irqsave(lock, flags) (GATE_LOCK(lock), (void)((flags) = 0))
#define spin_unlock_irqrestore(lock, flags) (GATE_UNLOCK(lock), (void)(flags))
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define preempt_disable() ((void)0)
#define preempt_enable() ((void)0)
#define lockdep_assert_held(lock) ((void)0)
#define might_sleep() ((void)0)
#define cond_resched() ((void)0)
#define cpu_relax() ((void)0)
