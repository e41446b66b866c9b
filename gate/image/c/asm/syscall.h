#ifndef _IMAGE_ASM_SYSCALL_H
#define _IMAGE_ASM_SYSCALL_H
#define syscall_get_nr(task, regs) (-1)
#define syscall_get_arch(task) 0
#endif
