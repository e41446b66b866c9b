/** What our headers must know of a tree, because it has another form in other versions: read off the tree's declarations. */

/** A macro that is defined where a file of the tree has no such text. */
interface TreeForm {
  readonly macro: string;
  readonly file: string;
  readonly lacks: RegExp;
}

const FORMS: readonly TreeForm[] = [
  // Until 6.15 each architecture had one of its own.
  { macro: "IMAGE_ARCH_DEFINES_MK_PTE", file: "include/linux/mm.h", lacks: /\bpte_t mk_pte\(/ },
];

/** Definitions of the macros whose form a tree has. */
export function treeForms(read: (file: string) => string | undefined): string {
  return FORMS.filter(({ file, lacks }) => !lacks.test(read(file) ?? ""))
    .map(({ macro }) => `#define ${macro} 1\n`)
    .join("");
}
