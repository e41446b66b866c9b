/** Bugs of the series in __wp_can_reuse_large_anon_folio(), as changes to the test kernel. */
import type { Edit } from "../own-tree.ts";

const MEMORY_C = "mm/memory.c";
const LOCKS = "\tlock_owners(folio);\n\tif (only_mappings_refer_to(folio)) {\n";
const SWAPCACHE = "\tif (folio_test_swapcache(folio)) {\n";
const PAGES = "VM_WARN_ON_ONCE(folio_large_mapcount(folio) > folio_large_nr_pages(folio));\n";
const ENTIRE = "VM_WARN_ON_ONCE(folio_entire_mapcount(folio));\n";

/**
 * Warns under the lock if there are fewer mappings than references: a reference may have been taken after the
 * comparison.
 */
const FEWER = "\tVM_WARN_ON_ONCE(folio_large_mapcount(folio) < folio_ref_count(folio));\n";

export const B1: readonly Edit[] = [{ file: MEMORY_C, from: LOCKS, to: LOCKS.replace("\tif", `${FEWER}\tif`) }];

const CHECKED_UNDER_LOCK: Edit = { file: MEMORY_C, from: `\t\t${PAGES}\t\t${ENTIRE}`, to: "" };

/** Warns of an entire mapcount and of more mappings than pages before the lock is taken. */
export const B2: readonly Edit[] = [
  CHECKED_UNDER_LOCK,
  { file: MEMORY_C, from: SWAPCACHE, to: `\t${PAGES}\t${ENTIRE}${SWAPCACHE}` },
];

export const V3_AS_POSTED: readonly Edit[] = [...B1, ...B2];
