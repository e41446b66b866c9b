/* Marked accesses: another CPU may be scheduled before each. */
#ifndef _IMAGE_ASM_RWONCE_H
#define _IMAGE_ASM_RWONCE_H

#define __READ_ONCE(x) \
	(*({ \
		image_yield(IMAGE_MARKED); \
		(const volatile __unqual_scalar_typeof(x) *)&(x); \
	}))

#include <asm-generic/rwonce.h>

#undef __WRITE_ONCE
#define __WRITE_ONCE(x, value) \
	do { \
		image_yield(IMAGE_MARKED); \
		*(volatile typeof(x) *)&(x) = (value); \
	} while (0)

#endif
