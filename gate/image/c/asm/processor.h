#ifndef _IMAGE_ASM_PROCESSOR_H
#define _IMAGE_ASM_PROCESSOR_H

#include <asm/page.h>

/* 128 pages. */
#define TASK_SIZE (4UL << 17)
#define TASK_SIZE_MAX TASK_SIZE
#define DEFAULT_MAP_WINDOW TASK_SIZE
#define STACK_TOP TASK_SIZE
#define STACK_TOP_MAX TASK_SIZE
#define TASK_UNMAPPED_BASE (TASK_SIZE / 4)
#define ARCH_MIN_TASKALIGN 8

struct thread_struct {
};
#define INIT_THREAD \
	{ \
	}

#define cpu_relax() image_relax()
#define KSTK_EIP(task) 0
#define KSTK_ESP(task) 0
#define task_pt_regs(task) ((struct pt_regs *)0)
#define start_thread(regs, pc, sp) \
	do { \
	} while (0)
#define prefetch(address) \
	do { \
	} while (0)
#define ARCH_HAS_PREFETCH

void image_relax(void);

#endif
