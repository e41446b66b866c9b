/* A lock word is 0, or the number of the CPU that holds it, plus 1. */
#ifndef _IMAGE_ASM_SPINLOCK_TYPES_H
#define _IMAGE_ASM_SPINLOCK_TYPES_H

typedef struct {
	unsigned int owner;
} arch_spinlock_t;
/* Number of readers on each CPU in bits 8 to 15 and 16 to 23; CPU of the writer plus 1 in bits 0 to 7. */
typedef struct {
	unsigned int holders;
} arch_rwlock_t;
#define __ARCH_SPIN_LOCK_UNLOCKED \
	{ \
		0 \
	}
#define __ARCH_RW_LOCK_UNLOCKED \
	{ \
		0 \
	}

#endif
