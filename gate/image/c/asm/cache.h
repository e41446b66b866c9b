#ifndef _IMAGE_ASM_CACHE_H
#define _IMAGE_ASM_CACHE_H
/* Small, which keeps structures of many cache lines small. */
#define L1_CACHE_SHIFT 3
#define L1_CACHE_BYTES (1 << L1_CACHE_SHIFT)
#endif
