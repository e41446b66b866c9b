/* The tree's header, which drops the subclass of a nested lock without lockdep: the harness checks the order of locks. */
#ifndef _IMAGE_LINUX_RWSEM_H
#define _IMAGE_LINUX_RWSEM_H

#include_next <linux/rwsem.h>

#undef down_read_nested
#undef down_write_nested
void down_read_nested(struct rw_semaphore *sem, int subclass);
void down_write_nested(struct rw_semaphore *sem, int subclass);

#endif
