#ifndef _IMAGE_ASM_ATOMIC_H
#define _IMAGE_ASM_ATOMIC_H

#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/barrier.h>

#define ATOMIC64_INIT(i) \
	{ \
		(i) \
	}

#define DEFINE_OPERATION(prefix, type, value, name, expression) \
	static __always_inline void arch_##prefix##_##name(value i, type *v) \
	{ \
		image_yield(IMAGE_ATOMIC); \
		value old = v->counter; \
		v->counter = (expression); \
	} \
	static __always_inline value arch_##prefix##_fetch_##name(value i, type *v) \
	{ \
		image_yield(IMAGE_ATOMIC); \
		value old = v->counter; \
		v->counter = (expression); \
		return old; \
	} \
	static __always_inline value arch_##prefix##_##name##_return(value i, type *v) \
	{ \
		image_yield(IMAGE_ATOMIC); \
		value old = v->counter; \
		return v->counter = (expression); \
	}

#define DEFINE_OPERATIONS(prefix, type, value) \
	DEFINE_OPERATION(prefix, type, value, add, old + i) \
	DEFINE_OPERATION(prefix, type, value, sub, old - i) \
	DEFINE_OPERATION(prefix, type, value, and, old &i) \
	DEFINE_OPERATION(prefix, type, value, or, old | i) \
	DEFINE_OPERATION(prefix, type, value, xor, old ^ i) \
	static __always_inline value arch_##prefix##_read(const type *v) \
	{ \
		return *(const volatile value *)&v->counter; \
	} \
	static __always_inline void arch_##prefix##_set(type *v, value i) { *(volatile value *)&v->counter = i; }

DEFINE_OPERATIONS(atomic, atomic_t, int)
#ifndef CONFIG_64BIT
typedef struct {
	s64 counter;
} atomic64_t;
#endif
DEFINE_OPERATIONS(atomic64, atomic64_t, s64)

#define arch_atomic_add_return arch_atomic_add_return
#define arch_atomic_sub_return arch_atomic_sub_return
#define arch_atomic_fetch_add arch_atomic_fetch_add
#define arch_atomic_fetch_sub arch_atomic_fetch_sub
#define arch_atomic_fetch_and arch_atomic_fetch_and
#define arch_atomic_fetch_or arch_atomic_fetch_or
#define arch_atomic_fetch_xor arch_atomic_fetch_xor
#define arch_atomic64_add_return arch_atomic64_add_return
#define arch_atomic64_sub_return arch_atomic64_sub_return
#define arch_atomic64_fetch_add arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and arch_atomic64_fetch_and
#define arch_atomic64_fetch_or arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor arch_atomic64_fetch_xor

#endif
