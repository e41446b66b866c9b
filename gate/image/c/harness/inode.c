/* Includes the tree's inode.c. Its description of the owner of a page is for a report that has been made. */
#define dump_mapping tree_dump_mapping
#include <fs/inode.c>
#undef dump_mapping

void dump_mapping(const struct address_space *mapping) {}
