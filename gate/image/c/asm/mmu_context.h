#ifndef _IMAGE_ASM_MMU_CONTEXT_H
#define _IMAGE_ASM_MMU_CONTEXT_H

#include <asm-generic/mm_hooks.h>
#define switch_mm(from, to, task) \
	do { \
	} while (0)
#include <asm-generic/mmu_context.h>

#endif
