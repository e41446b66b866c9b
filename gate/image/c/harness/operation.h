/* Begin and end of an operation. */
#ifndef _IMAGE_OPERATION_H
#define _IMAGE_OPERATION_H

#include "harness.h"

enum result {
	DISABLED,
	DONE,
	/* The operation failed with an error. */
	REFUSED,
};

#define ADDRESS(page) ((unsigned long)(page) << PAGE_SHIFT)

/* Lets the current CPU execute an operation of a process. @returns its MM; NULL for no process */
struct mm_struct *begin(unsigned int number);
/* Ends the operation. @error: 0 unless it failed */
enum result end(long error);

#endif
