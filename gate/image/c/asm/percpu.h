/* Each CPU has a copy of the section `percpu`; CPU 0 uses the section itself. */
#ifndef _IMAGE_ASM_PERCPU_H
#define _IMAGE_ASM_PERCPU_H

#define PER_CPU_BASE_SECTION "percpu"
extern unsigned long __per_cpu_offset[];
#define __per_cpu_offset __per_cpu_offset
#define per_cpu_offset(cpu) (__per_cpu_offset[cpu])
#include <asm-generic/percpu.h>
#undef PER_CPU_SHARED_ALIGNED_SECTION
#undef PER_CPU_ALIGNED_SECTION
#undef PER_CPU_FIRST_SECTION
#define PER_CPU_SHARED_ALIGNED_SECTION ""
#define PER_CPU_ALIGNED_SECTION ""
#define PER_CPU_FIRST_SECTION ""

#endif
