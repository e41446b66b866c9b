/* Names that the kernel only compares, or does not look at: numbers of processes, ids of MMs, and bytes of contents. */
#ifndef _IMAGE_NAMING_H
#define _IMAGE_NAMING_H

enum naming {
	/* All names are kept: frames and slots get their canonical ones only. */
	AS_THEY_ARE,
	/* States that differ in names only have one form. */
	CANONICAL,
	/* The processes are exchanged, by the first of the permutations and so on, and bytes have other names; ids are kept. */
	PERMUTED,
};

/* The processes in the order that they have in the form, by their numbers. */
extern unsigned char process_order[IMAGE_MMS];

/* Finds the orders that are to be tried, and chooses the first. @returns how many there are */
unsigned int find_orders(enum naming naming);
void choose_order(unsigned int position);
/* Writes what has such names in the form. */
void write_names(enum naming naming);
/* Renames the owners of a large folio, which is elsewhere in the form. */
void write_owners(struct folio *folio, struct folio *place);

#endif
