#ifndef _IMAGE_CONTENTS_H
#define _IMAGE_CONTENTS_H

/* By process and page: the byte that it must find; 0 where it wrote nothing. */
extern unsigned char image_expected[IMAGE_MMS][IMAGE_PAGES];
/* Whether the page may have been discarded since, and read as zero: MADV_FREE. */
extern unsigned char image_may_be_zero[IMAGE_MMS][IMAGE_PAGES];

unsigned long entry_at(struct mm_struct *mm, unsigned long address, bool *huge);
/* The frame that an entry maps or that a migration entry stands for; -1 for none. */
long frame_at(struct mm_struct *mm, unsigned long address);
bool store_byte(unsigned int number, unsigned int page);
void forget_range(unsigned int number, unsigned int page, unsigned int pages);
void forget_unmapped(unsigned int number);
void copy_contents(unsigned int from, unsigned int to);
void move_contents(unsigned int number, unsigned int from, unsigned int to, unsigned int pages);
void let_be_zero(unsigned int number, unsigned int page, unsigned int pages);

#endif
