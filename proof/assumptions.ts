/** Assumptions of every proof, as sentences for reports. */

export const ASSUMPTIONS: readonly string[] = [
  "One operation at a time: each function runs under the large-mapcount lock, as a whole; interleavings are explored by `check race`",
  "Callers: an MM has an id of its own, from 1 to MM_ID_MAX; 1 to as many mappings as the folio has pages are added or removed at a time; only mappings that exist are removed, and an MM that maps the folio keeps its id",
  "A folio has at most 2^31 - 1 mappings: one more, and the mapcount that the functions return is negative",
];

/** Further assumptions of a proof of C code. */
export const ASSUMPTIONS_OF_C: readonly string[] = [
  "Folios have order 1 to 18, on 32-bit 1 to 15: the kernel asserts that one complete mapping fits a slot",
  "The code is what clang makes of the tree for WebAssembly, with every kernel assertion compiled in; what the functions do not write has any value",
];

/** Further assumptions of a proof of accounting. */
export const ASSUMPTIONS_OF_ACCOUNTING: readonly string[] = [
  "Rmap accounting: a PMD maps folios of one size, of more than two pages; of mappings that are removed, as many of that kind exist, PTEs or PMDs; pages of a new folio have no flags",
  "Rmap accounting is about __folio_add_rmap(), folio_remove_rmap_ptes() and folio_remove_rmap_pmd() of large folios; new anon folios, fork and what removes a folio from the deferred split queue are explored only",
];
