/* Defines system calls as functions with the declared parameters. */
#ifndef _IMAGE_ASM_SYSCALL_WRAPPER_H
#define _IMAGE_ASM_SYSCALL_WRAPPER_H

#define __SYSCALL_DEFINEx(x, name, ...) \
	long sys##name(__MAP(x, __SC_DECL, __VA_ARGS__)); \
	long sys##name(__MAP(x, __SC_DECL, __VA_ARGS__))
#define SYSCALL_DEFINE0(name) \
	long sys_##name(void); \
	long sys_##name(void)

#endif
