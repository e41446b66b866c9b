/* Interrupt state of each CPU. Interrupts must be enabled at the end of an operation. */
#ifndef _IMAGE_ASM_IRQFLAGS_H
#define _IMAGE_ASM_IRQFLAGS_H

unsigned long arch_local_save_flags(void);
void arch_local_irq_restore(unsigned long flags);
#define ARCH_IRQ_ENABLED 0
#define ARCH_IRQ_DISABLED 1
#include <asm-generic/irqflags.h>

#endif
