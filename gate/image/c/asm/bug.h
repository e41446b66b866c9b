/* WARN and BUG are reported to the host with file and line: each is a violation. */
#ifndef _IMAGE_ASM_BUG_H
#define _IMAGE_ASM_BUG_H

#ifndef __ASSEMBLY__
__attribute__((noreturn, import_module("image"), import_name("bug"))) void image_bug(const char *file, int line);
#define HAVE_ARCH_BUG
#define BUG() image_bug(__FILE__, __LINE__)
#define HAVE_ARCH_BUG_ON
#define BUG_ON(condition) do { if (unlikely(condition)) BUG(); } while (0)
#endif

#include <asm-generic/bug.h>

#endif
