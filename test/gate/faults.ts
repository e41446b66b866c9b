/** Faulty copies of the test kernel: the changes, and the findings that must report them. */
import type { Edit } from "./own-tree.ts";

/** A faulty copy. */
export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly config: string;
  /** The machine that reports it. */
  readonly machine: string;
  /** The function that is reported. */
  readonly function: string;
  /** Text of the finding. */
  readonly what: RegExp;
}

const RMAP_H = "include/linux/rmap.h";
const RMAP_C = "mm/rmap.c";

export const FAULTS: readonly Fault[] = [
  {
    name: "the wrong level: a PMD is duplicated as PTEs",
    edits: [
      {
        file: RMAP_H,
        from: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PMD);",
        to: "\traise_mapcounts(folio, page, HPAGE_PMD_NR, dst, BY_PTES);",
      },
    ],
    config: "no-page-mapcount,64bit,mm-id",
    machine: "pmd",
    function: "folio_dup_file_rmap_pmd",
    what: /_entire_mapcount \(stored\) is 0, in the model 1/,
  },
  {
    name: "a missing unlock",
    edits: [
      {
        file: RMAP_H,
        from: "\tunlock_owners(folio);\n\treturn mapcount + 1;\n}\n\n#else",
        to: "\treturn mapcount + 1;\n}\n\n#else",
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "owner-tracking",
    function: "folio_sub_return_large_mapcount",
    what: /leaves the large-mapcount lock taken/,
  },
  {
    name: "a reversed condition",
    edits: [{ file: RMAP_H, from: "if (mapcount != diff - 1)", to: "if (mapcount == diff - 1)" }],
    config: "page-mapcount,32bit,mm-id",
    machine: "owner-tracking",
    function: "folio_add_return_large_mapcount",
    what: /the shared bit of _mm_ids is true, in the model false/,
  },
  {
    name: "a swapped order: the state of the slots is tested before it changes",
    edits: [
      {
        file: RMAP_C,
        from: "\t\tfor (int i = 0; i < nr; i++)\n\t\t\tgone += atomic_add_negative(-1, &page[i]._mapcount);\n\t\tleft = atomic_add_return(-gone, &folio->_nr_pages_mapped);",
        to: "\t\tleft = atomic_add_return(-gone, &folio->_nr_pages_mapped);\n\t\tfor (int i = 0; i < nr; i++)\n\t\t\tgone += atomic_add_negative(-1, &page[i]._mapcount);",
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    function: "folio_remove_rmap_ptes",
    what: /_nr_pages_mapped \(pages\) is \d, in the model \d/,
  },
  {
    name: "a missing -1",
    edits: [
      {
        file: RMAP_H,
        from: "\tatomic_set(&folio->_large_mapcount, mapcount - 1);\n\tgive_slot",
        to: "\tatomic_set(&folio->_large_mapcount, mapcount);\n\tgive_slot",
      },
    ],
    config: "no-page-mapcount,32bit,mm-id",
    machine: "rmap",
    function: "folio_add_new_anon_rmap",
    what: /_large_mapcount \(stored\) is 2, in the model 1/,
  },
  {
    name: "a sanity check that is too strict",
    edits: [
      {
        file: RMAP_H,
        from: "VM_WARN_ON_ONCE(diff < 1 || diff > folio_large_nr_pages(folio));",
        to: "VM_WARN_ON_ONCE(diff < 1 || diff >= folio_large_nr_pages(folio));",
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "owner-tracking",
    function: "folio_add_return_large_mapcount",
    what: /it warns at include\/linux\/rmap\.h:\d+: VM_WARN_ON_ONCE\(diff < 1 \|\| diff >= folio_large_nr_pages\(folio\)\)/,
  },
  {
    name: "a write to a word that belongs to nobody",
    edits: [
      {
        file: "mm/internal.h",
        from: "\tif (order > 1)\n\t\tINIT_LIST_HEAD",
        to: "\tpage[1].flags |= 1ul << 31;\n\tif (order > 1)\n\t\tINIT_LIST_HEAD",
      },
    ],
    config: "no-page-mapcount,32bit,mm-id",
    machine: "rmap",
    function: "prep_compound_head",
    what: /it writes to word \d+ of the struct pages, for which the model has no field/,
  },
  {
    name: "a reader that forgets the shared bit",
    edits: [
      {
        file: "include/linux/mm.h",
        from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
        to: "\treturn false;",
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    function: "folio_maybe_mapped_shared",
    what: /folio_maybe_mapped_shared\(\) at include\/linux\/mm\.h:\d+, called for folio 0: it returns 0, in the model 1/,
  },
  {
    name: "expected references that leave out shmem in the swap cache",
    edits: [
      {
        file: "include/linux/mm.h",
        from: "in_swap_cache = folio_test_swapcache(folio);",
        to: "in_swap_cache = folio_test_anon(folio) && folio_test_swapcache(folio);",
      },
    ],
    config: "no-page-mapcount,64bit,mm-id",
    machine: "shmem",
    function: "folio_expected_ref_count",
    what: /called for folio \d: it returns 0, in the model 1/,
  },
  {
    name: "reuse that does not look at references",
    edits: [
      {
        file: "mm/memory.c",
        from: "\treturn folio_large_mapcount(folio) == folio_ref_count(folio) && ",
        to: "\treturn ",
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "pins",
    function: "__wp_can_reuse_large_anon_folio",
    what: /it returns true, in the model false/,
  },
  {
    name: "a check at free that is gone",
    edits: [
      {
        file: "mm/page_alloc.c",
        from: '\tif (left)\n\t\tbad_page(page, "counts at free");',
        to: '\tif (!left)\n\t\tbad_page(page, "counts at free");',
      },
    ],
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    function: "free_tail_page_prepare",
    what: /it warns, and the model does not/,
  },
  {
    name: "an overflow that keeps the slot",
    edits: [{ file: RMAP_H, from: "\t\t\tgive_slot(folio, mine, MM_ID_DUMMY, 0);\n\t\t\tmark", to: "\t\t\tmark" }],
    config: "page-mapcount,32bit,mm-id",
    machine: "slot-overflow",
    function: "folio_add_return_large_mapcount",
    what: /_mm_id_mapcount\[0\] \(stored\) is -32768, in the model -1/,
  },
  {
    // No claim is violated: the next mapping of the folio sets the mark.
    name: "an overflow that does not mark the folio as shared",
    edits: [{ file: RMAP_H, from: "MM_ID_DUMMY, 0);\n\t\t\tmark_shared(folio, true);", to: "MM_ID_DUMMY, 0);" }],
    config: "no-page-mapcount,32bit,mm-id",
    machine: "slot-overflow",
    function: "folio_add_return_large_mapcount",
    what: /the shared bit of _mm_ids is false, in the model true/,
  },
  {
    name: "an overflow that comes one mapping too early",
    edits: [
      {
        file: RMAP_H,
        from: "folio->_mm_id_mapcount[mine] < 0)",
        to: "(folio->_mm_id_mapcount[mine] < 0 || folio->_mm_id_mapcount[mine] == MM_ID_MAPCOUNT_MAX))",
      },
    ],
    config: "page-mapcount,32bit,mm-id",
    machine: "slot-overflow",
    function: "folio_add_return_large_mapcount",
    what: /_mm_id_mapcount\[0\] \(stored\) is -1, in the model 32767/,
  },
];
