/** The kernel's names of the functions under proof. */
import type { OperationOf, Topic } from "./theory.ts";

export const FUNCTION_OF: { readonly [operation in OperationOf<Topic>]: string } = {
  set: "folio_set_large_mapcount",
  add: "folio_add_return_large_mapcount",
  sub: "folio_sub_return_large_mapcount",
  "add-ptes": "__folio_add_rmap",
  "add-pmd": "__folio_add_rmap",
  "remove-ptes": "folio_remove_rmap_ptes",
  "remove-pmd": "folio_remove_rmap_pmd",
};
