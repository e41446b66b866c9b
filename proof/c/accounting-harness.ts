/** The harness of a proof of rmap accounting: C of our own behind that of owner tracking. */
import { cSource } from "../../gate/harness/c-source.ts";

/** A function of the harness that reads a value. */
export type AccountingReader =
  | "entire_mapcount"
  | "anon"
  | "swapcache"
  | "partially_mapped"
  | "queued"
  | "nr_anon_mapped"
  | "nr_file_mapped"
  | "nr_anon_thps"
  | "nr_file_pmdmapped"
  | "others"
  | "pages_address"
  | "page_bytes"
  | "pages_present";

/** A function of the harness that changes the folio. */
export type AccountingChanger = "link" | "load_accounting" | "add-ptes" | "add-pmd" | "remove-ptes" | "remove-pmd";

/** Functions of the tree that it calls. */
export const ACCOUNTING_FUNCTIONS: readonly string[] = [
  "__folio_add_rmap",
  "folio_remove_rmap_ptes",
  "folio_remove_rmap_pmd",
];

/** The text of the harness. */
export const ACCOUNTING_HARNESS: string = cSource("./accounting-harness.c", import.meta.url);
