/* The swap device: a block device in memory. */
#ifndef _IMAGE_SWAP_DEVICE_H
#define _IMAGE_SWAP_DEVICE_H

#include "harness.h"

/* Slots of the largest device. The first one is that of the header. */
#define SWAP_SLOTS 24

/* By slot: the byte of its page, as contents.h has it. A free slot has none. */
extern unsigned char image_swap[SWAP_SLOTS];

/* @synchronous: as zram, the device is fast, and the tree reads from it without the swap cache */
void boot_swap_device(bool synchronous);

/* Whether there is a device, and it is synchronous. */
bool is_swap_synchronous(void);

/* Writes that were submitted and have not ended. */
unsigned int pending_writes(void);
/* Ends the first of them. @failed: whether nothing was written */
void end_write(bool failed);

#endif
