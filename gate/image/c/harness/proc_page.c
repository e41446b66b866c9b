/* Includes the tree's /proc/kpagecount and /proc/kpageflags, and exports functions that read them. */
#include <fs/proc/page.c>
#include "proc.h"

typedef ssize_t (*read_function)(struct file *file, char __user *buffer, size_t count, loff_t *position);

static void read_frames(read_function read, unsigned int frames, u64 *out)
{
	loff_t position = 0;
	ssize_t bytes = frames * sizeof(u64);

	user_buffer(out, bytes);
	if (read(NULL, NULL, bytes, &position) != bytes)
		image_fault("kpage-files-unreadable");
}

void tree_read_kpagecount(unsigned int frames, u64 *counts) { read_frames(kpagecount_read, frames, counts); }

void tree_read_kpageflags(unsigned int frames, u64 *flags) { read_frames(kpageflags_read, frames, flags); }
