#ifndef _IMAGE_ASM_SMP_H
#define _IMAGE_ASM_SMP_H

extern int image_cpu;
#define raw_smp_processor_id() image_cpu

#endif
