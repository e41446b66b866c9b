/* One CPU runs at a time, and switches occur only at yields: a plain exchange is atomic. */
#ifndef _IMAGE_ASM_CMPXCHG_H
#define _IMAGE_ASM_CMPXCHG_H

#include <linux/types.h>

#define arch_xchg(pointer, value) \
	({ \
		__typeof__(pointer) __p = (pointer); \
		image_yield(IMAGE_ATOMIC); \
		__typeof__(*__p) __old = *__p; \
		*__p = (value); \
		__old; \
	})
#define arch_cmpxchg(pointer, expected, value) \
	({ \
		__typeof__(pointer) __p = (pointer); \
		image_yield(IMAGE_ATOMIC); \
		__typeof__(*__p) __old = *__p; \
		if (__old == (expected)) \
			*__p = (value); \
		__old; \
	})
#define arch_cmpxchg64 arch_cmpxchg
#define arch_cmpxchg_local arch_cmpxchg
#define arch_cmpxchg64_local arch_cmpxchg

#endif
