#ifndef CONFIG_64BIT
#define GATE_32BIT
#endif
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)
typedef unsigned char u8, __u8;
typedef unsigned short u16, __u16;
typedef unsigned int u32, __u32;
typedef unsigned long long u64, __u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64, loff_t;
typedef unsigned long size_t, uintptr_t, pgoff_t;
typedef long ssize_t;
typedef unsigned int gfp_t, fmode_t;
typedef u64 dma_addr_t, phys_addr_t, sector_t;
#define INT_MAX __INT_MAX__
#define UINT_MAX (~0U)
#define SHRT_MAX __SHRT_MAX__
#define USHRT_MAX ((unsigned short)~0U)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (~0UL)
#define BITS_PER_BYTE 8
#define BITS_PER_LONG (8 * (int)sizeof(long))
#define BIT(nr) (1UL << (nr))
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(nr) (((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(high, low) (((~0UL) << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define EBUSY 16
#define EINVAL 22
#define ENOMEM 12
#define EAGAIN 11
#define min(one, other) ((one) < (other) ? (one) : (other))
#define max(one, other) ((one) > (other) ? (one) : (other))
#define min_t(type, one, other) min((type)(one), (type)(other))
#define max_t(type, one, other) max((type)(one), (type)(other))
#define DIV_ROUND_UP(number, divisor) (((number) + (divisor)-1) / (divisor))
#define DIV_ROUND_CLOSEST(number, divisor) (((number) + (divisor) / 2) / (divisor))
#define IS_ALIGNED(number, alignment) (((number) & ((__typeof__(number))(alignment)-1)) == 0)
#define is_power_of_2(number) ((number) != 0 && ((number) & ((number)-1)) == 0)
#define order_base_2(number) ((number) > 1 ? ilog2((number)-1) + 1 : 0)
#define ilog2(number) (8 * (int)sizeof(long) - 1 - __builtin_clzl(number))
