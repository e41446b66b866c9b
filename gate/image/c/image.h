/* Included first in each translation unit. */
#ifndef _IMAGE_H
#define _IMAGE_H

#ifndef __ASSEMBLY__

/* Kinds of points at which another CPU may be scheduled. */
enum image_yield_kind {
	IMAGE_LOCK = 1,
	IMAGE_ATOMIC = 2,
	IMAGE_ENTRY = 4,
	IMAGE_SLEEP = 8,
	IMAGE_MARKED = 16,
	IMAGE_ALLOCATION = 32,
	IMAGE_RCU = 64,
};

/* Kinds of points at which the CPU that runs yields; 0 while no other CPU is to run. */
extern unsigned int image_yields;
void image_yield_now(void);
#define image_yield(kind) \
	do { \
		if (__builtin_expect(image_yields & (kind), 0)) \
			image_yield_now(); \
	} while (0)

#endif

/* WebAssembly has one section for each function: sections of the kernel are ignored. */
#undef __section
#define __section(name)
/* Initcalls do not run, and modules have no parameters: the linker may drop unreferenced ones. */
#undef __used
#define __used __attribute__((__unused__))
/* Return addresses are not accessible. */
#define _THIS_IP_ 0ul
#define __builtin_return_address(level) ((void *)0)

#endif
