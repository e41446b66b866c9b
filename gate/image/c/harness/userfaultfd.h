#ifndef _IMAGE_USERFAULTFD_H
#define _IMAGE_USERFAULTFD_H

/* Moves pages of a process as UFFDIO_MOVE does. @returns the moved bytes, or an error */
ssize_t move_registered(struct mm_struct *mm, unsigned long to, unsigned long from, unsigned long length);

#endif
