/* Where objects are in the form that is being made. */
#ifndef _IMAGE_CANONICAL_H
#define _IMAGE_CANONICAL_H

#include "regions.h"

/* Frames that the form uses: those before this one. Which frame each of them is, from the first one on. */
extern unsigned int frames_in_form;
extern unsigned char frame_at_place[IMAGE_FRAMES];

/* @returns a pointer to an object as the form has it; any other word as it is */
unsigned long renamed(unsigned long value);

#endif
