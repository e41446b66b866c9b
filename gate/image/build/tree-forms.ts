/** Macros for declarations that differ between versions of the kernel: defined by the tree's own declarations. */

/** A macro that is defined where a file of the tree has a text, or lacks one. */
type TreeForm = { readonly macro: string; readonly file: string } & (
  | { readonly has: RegExp }
  | { readonly lacks: RegExp }
);

const FORMS: readonly TreeForm[] = [
  // Until 6.15 each architecture had one of its own.
  { macro: "IMAGE_ARCH_DEFINES_MK_PTE", file: "include/linux/mm.h", lacks: /\bpte_t mk_pte\(/ },
  {
    macro: "IMAGE_MIGRATE_UNMAP_HAS_REASON",
    file: "mm/migrate.c",
    has: /\bmigrate_folio_unmap\([^)]*\bmigrate_reason\b/,
  },
  { macro: "IMAGE_HAS_SHEAVES", file: "include/linux/slab.h", has: /\bstruct slab_sheaf\b/ },
  { macro: "IMAGE_HAS_ZERO_PAGE_PFN", file: "include/linux/pgtable.h", has: /\bzero_page_pfn\b/ },
  { macro: "IMAGE_HAS_MUTEX_INIT_GENERIC", file: "include/linux/mutex.h", has: /\bmutex_init_generic\b/ },
];

/** Definitions of the macros whose form a tree has. */
export function treeForms(read: (file: string) => string | undefined): string {
  return FORMS.filter((form) => {
    const text = read(form.file) ?? "";
    return "has" in form ? form.has.test(text) : !form.lacks.test(text);
  })
    .map(({ macro }) => `#define ${macro} 1\n`)
    .join("");
}
