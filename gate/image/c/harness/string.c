/*
 * Memory functions that the compiler calls. With bulk memory instructions each compiles to one of them, not to a call
 * of itself.
 */
#include <linux/types.h>

void *memcpy(void *to, const void *from, size_t length)
{
	__builtin_memcpy(to, from, length);
	return to;
}

void *memmove(void *to, const void *from, size_t length)
{
	__builtin_memmove(to, from, length);
	return to;
}

void *memset(void *to, int byte, size_t length)
{
	__builtin_memset(to, byte, length);
	return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *left = a, *right = b;

	for (; length; length--, left++, right++)
		if (*left != *right)
			return *left - *right;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *(const unsigned char *)a - *(const unsigned char *)b;
}
