/* The tree's header, which drops the subclass of a nested lock without lockdep: the harness checks the order of locks. */
#ifndef _IMAGE_LINUX_SPINLOCK_H
#define _IMAGE_LINUX_SPINLOCK_H

#include_next <linux/spinlock.h>

#undef raw_spin_lock_nested
#define raw_spin_lock_nested(lock, subclass) _raw_spin_lock_nested(lock, subclass)

#endif
