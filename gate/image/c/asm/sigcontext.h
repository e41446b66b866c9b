#ifndef _IMAGE_ASM_SIGCONTEXT_H
#define _IMAGE_ASM_SIGCONTEXT_H
struct sigcontext {
	unsigned long unused;
};
#endif
