/* The file: one inode of shmem, with what processes must read from it. */
#ifndef _IMAGE_FILES_H
#define _IMAGE_FILES_H

#include "harness.h"

/* Pages of the file when it is largest: those that one PMD maps. */
#define FILE_PAGES PTRS_PER_PTE

/* NULL if there is none. */
extern struct file *image_file;

/* By page: the byte that a process must read through a shared mapping; 0 where nothing was written since it was cut off. */
extern unsigned char image_file_expected[FILE_PAGES];

/*
 * By page: whether it was written to, and is part of a huge page that nothing marks as dirty any more: reclaim may discard it,
 * after which it reads as zero. Zapping a dirty PMD leaves the folio clean: zap_huge_pmd() in mm/huge_memory.c.
 */
extern unsigned char image_file_undirty[FILE_PAGES];

/* Exported by the translation unit that includes the tree's shmem.c. */
struct file *create_file(loff_t size);
/* Sets the order of new folios of the file, where it fits; 0: single pages. */
void choose_shmem_order(unsigned int order);
/* Pages that the inode has according to its counters: in the page cache or on the swap device, and those of the latter. */
unsigned long shmem_pages_of(struct inode *inode);
unsigned long shmem_swapped_of(struct inode *inode);
/* Splits folios that reach beyond the end of the file, as under memory pressure. @returns how many pages were freed */
unsigned long tree_shmem_shrink(void);

/* Pages of the file that are not beyond its end. */
int file_pages(void);

/* Returns the page of the file that a page of the address space has, which the file's mappings keep; -1 for none. */
int file_page_at(unsigned int page);
/* Whether what a process writes to a page of the address space goes to the file. */
bool is_shared_file_page(unsigned int page);

/* Returns the byte that a process must read from a page of the address space; 0 where it wrote nothing. */
unsigned char expected_at(unsigned int number, unsigned int page);
/* A process wrote a byte to a page of the address space. */
void expect_at(unsigned int number, unsigned int page, unsigned char byte);

/* Returns the folio that the page cache has for a page of the file; NULL for none. @slot: the swap slot instead; 0 for none */
struct folio *page_cache_folio(unsigned int index, unsigned int *slot);

/*
 * An operation has ended, and no other CPU is in the middle of one. Updates image_file_undirty, and clears the sequence count
 * of the file's size, which nothing reads between operations.
 */
void end_file_operation(void);

#endif
