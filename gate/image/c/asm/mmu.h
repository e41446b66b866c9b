#ifndef _IMAGE_ASM_MMU_H
#define _IMAGE_ASM_MMU_H

typedef struct {
} mm_context_t;

#endif
