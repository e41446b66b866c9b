/** Macros for declarations that differ between kernel versions, derived from the declarations of the tree. */

/** A macro that is defined if a file of the tree contains a text, or lacks it. */
type TreeForm = { readonly macro: string; readonly file: string } & (
  | { readonly has: RegExp }
  | { readonly lacks: RegExp }
);

const FORMS: readonly TreeForm[] = [
  // Before 6.15, each architecture defined mk_pte().
  { macro: "IMAGE_ARCH_DEFINES_MK_PTE", file: "include/linux/mm.h", lacks: /\bpte_t mk_pte\(/ },
  {
    macro: "IMAGE_MIGRATE_UNMAP_HAS_REASON",
    file: "mm/migrate.c",
    has: /\bmigrate_folio_unmap\([^)]*\bmigrate_reason\b/,
  },
  // Since 7.0; before, the flags of a new inode were one word.
  {
    macro: "IMAGE_SHMEM_INODE_HAS_VMA_FLAGS",
    file: "mm/shmem.c",
    has: /\bshmem_get_inode\([^)]*\bvma_flags_t\b/,
  },
  { macro: "IMAGE_HAS_SHEAVES", file: "include/linux/slab.h", has: /\bstruct slab_sheaf\b/ },
  { macro: "IMAGE_HAS_ZERO_PAGE_PFN", file: "include/linux/pgtable.h", has: /\bzero_page_pfn\b/ },
  // Since 6.18; before, each swap device had its own.
  { macro: "IMAGE_HAS_SWAP_SPACE", file: "mm/swap.h", has: /\bstruct address_space swap_space\b/ },
  // From 6.19 on, the swap table has frame numbers; before, pointers.
  { macro: "IMAGE_SWAP_TABLE_HAS_PFNS", file: "mm/swap_table.h", has: /\bpfn_to_swp_tb\(/ },
  // Since 6.18; before, the flags of an MM were one word.
  { macro: "IMAGE_HAS_MM_FLAGS", file: "include/linux/mm.h", has: /\bvoid mm_flags_clear\(/ },
  // Since 7.1; before, a scan of khugepaged returned its progress.
  {
    macro: "IMAGE_COLLAPSE_CONTROL_HAS_PROGRESS",
    file: "mm/khugepaged.c",
    has: /\bcollapse_scan_mm_slot\(unsigned int progress_max\b/,
  },
  { macro: "IMAGE_HAS_MUTEX_INIT_GENERIC", file: "include/linux/mutex.h", has: /\bmutex_init_generic\b/ },
];

/** Returns the definitions of the macros that apply to a tree. */
export function treeForms(read: (file: string) => string | undefined): string {
  return FORMS.filter((form) => {
    const text = read(form.file) ?? "";
    return "has" in form ? form.has.test(text) : !form.lacks.test(text);
  })
    .map(({ macro }) => `#define ${macro} 1\n`)
    .join("");
}
