/** Patches to the test kernel that use opaque words: words of struct pages that the model has no field for. */
import type { Edit } from "./own-tree.ts";

/** Moves the shared bit to an unused word of the third page. */
export const SHARED_ELSEWHERE: readonly Edit[] = [
  {
    file: "include/linux/rmap.h",
    from: "\tif (shared)\n\t\tfolio->_mm_ids |=",
    to: "\tif (folio_order(folio) > 1)\n\t\tfolio->page_2.private = shared;\n\telse if (shared)\n\t\tfolio->_mm_ids |=",
  },
  {
    file: "include/linux/mm.h",
    from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "\treturn folio_order(folio) > 1 ? folio->page_2.private : folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT;",
  },
  {
    file: "mm/memory.c",
    from: "folio_ref_count(folio) && !test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "folio_ref_count(folio) && !folio_maybe_mapped_shared(folio);",
  },
  {
    file: "mm/memory.c",
    from: "< 2 || test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids))",
    to: "< 2 || folio_maybe_mapped_shared(folio))",
  },
];

/** Writes a word of every new anon folio of order 2 and above, which is never cleared. */
export const NEVER_CLEARED: readonly Edit[] = [
  {
    file: "mm/rmap.c",
    from: "\taccount(folio, nr, by_pmd ? nr : 0);",
    to: "\tif (large && folio_order(folio) > 1)\n\t\tfolio->page_2.private = 7;\n\taccount(folio, nr, by_pmd ? nr : 0);",
  },
];
