#ifndef _IMAGE_ASM_PTRACE_H
#define _IMAGE_ASM_PTRACE_H

struct pt_regs {
};
#define user_mode(regs) 1
#define instruction_pointer(regs) 0
#define user_stack_pointer(regs) 0
#define profile_pc(regs) 0
#define current_pt_regs() ((struct pt_regs *)0)
#define signal_pt_regs() ((struct pt_regs *)0)
#define force_successful_syscall_return() \
	do { \
	} while (0)
#define arch_ptrace_stop(args...) \
	do { \
	} while (0)

#endif
