/* Included before every translation unit. */
#ifndef _IMAGE_H
#define _IMAGE_H

#ifndef __ASSEMBLY__

/* Where another CPU may take over, by kind. */
enum image_yield_kind {
	IMAGE_LOCK = 1,
	IMAGE_ATOMIC = 2,
	IMAGE_ENTRY = 4,
	IMAGE_SLEEP = 8,
	IMAGE_MARKED = 16,
};

/* Kinds at which the host is called; 0 while one CPU runs by itself. */
extern unsigned int image_yields;
void image_yield_now(unsigned int kind);
#define image_yield(kind) do { if (__builtin_expect(image_yields & (kind), 0)) image_yield_now(kind); } while (0)

#endif

/* WebAssembly allows one function a section, and needs none of the kernel's. */
#undef __section
#define __section(name)
/* Initcalls do not run, and no module has parameters: what nothing refers to is left out. */
#undef __used
#define __used __attribute__((__unused__))
/* There is no stack of return addresses. */
#define _THIS_IP_ 0ul
#define __builtin_return_address(level) ((void *)0)

#endif
