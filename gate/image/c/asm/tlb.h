#ifndef _IMAGE_ASM_TLB_H
#define _IMAGE_ASM_TLB_H

#define tlb_flush(tlb) \
	do { \
	} while (0)
#include <asm-generic/tlb.h>

#endif
