/* Includes the tree's truncate.c, which zeroes parts of folios. */
#include "harness.h"
#include "zero_range.h"
#include <mm/truncate.c>
