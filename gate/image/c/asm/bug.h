/* Reports WARN and BUG to the host, with file, line and function: each is a violation. */
#ifndef _IMAGE_ASM_BUG_H
#define _IMAGE_ASM_BUG_H

#ifndef __ASSEMBLY__
__attribute__((noreturn, import_module("image"), import_name("bug"))) void image_bug(const char *file, int line,
										     const char *function);
#define HAVE_ARCH_BUG
#define BUG() image_bug(__FILE__, __LINE__, __func__)
#define HAVE_ARCH_BUG_ON
#define BUG_ON(condition) \
	do { \
		if (unlikely(condition)) \
			BUG(); \
	} while (0)
#endif

#include <asm-generic/bug.h>

#ifndef __ASSEMBLY__
__attribute__((import_module("image"), import_name("warn"))) void image_warn(const char *file, int line,
									     const char *function);
#undef __WARN
#define __WARN() image_warn(__FILE__, __LINE__, __func__)
#undef __WARN_printf
#define __WARN_printf(taint, ...) __WARN()
#endif

#endif
