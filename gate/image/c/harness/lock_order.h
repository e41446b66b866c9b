/* The locks that each CPU holds, and the order in which classes of locks are taken. */
#ifndef _IMAGE_LOCK_ORDER_H
#define _IMAGE_LOCK_ORDER_H

#include <linux/types.h>

/* Whether the order of a lock counts: a lock that is only tried cannot wait. */
enum acquisition { ACQUIRED, TRIED };

/* To be called when the current CPU has acquired or released a lock. */
void record_acquired(const void *lock, unsigned int subclass, enum acquisition how);
void record_released(const void *lock);

/* Whether the current CPU holds a lock of any kind. */
bool is_holding_locks(void);

#endif
