#ifndef _IMAGE_ASM_UACCESS_H
#define _IMAGE_ASM_UACCESS_H

unsigned long raw_copy_from_user(void *to, const void *from, unsigned long length);
unsigned long raw_copy_to_user(void *to, const void *from, unsigned long length);
/* Names of this option in different versions of the kernel. */
#define INLINE_COPY_FROM_USER
#define INLINE_COPY_TO_USER
#define INLINE_COPY_USER
#include <asm-generic/access_ok.h>
#include <asm-generic/uaccess.h>

#endif
