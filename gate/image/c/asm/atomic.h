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

/*
 * A value that must not change was found: callers such as filemap_get_entry() try again until another CPU has changed it,
 * as the references of a folio that is frozen.
 */
void image_not_added(void);

static __always_inline int arch_atomic_fetch_add_unless(atomic_t *v, int i, int unless)
{
	int old = arch_atomic_read(v), found;

	for (; old != unless; old = found) {
		found = arch_cmpxchg(&v->counter, old, old + i);
		if (found == old)
			return old;
	}
	image_not_added();
	return old;
}

#define arch_atomic_fetch_add_unless arch_atomic_fetch_add_unless
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
