/** Faults of a layout of struct page and struct folio, and of struct pages that reach their next user, as data. */
import type { ActionCall } from "../../explore/model/model.ts";
import type { WarningName } from "../../model/kernel/warnings.ts";

/** Kinds of folios, by the fields that they use. */
export type FolioKind = "small folio" | "folio of order 1" | "large folio" | "hugetlb folio";

/** A field with its place in the struct pages of a folio. */
export interface PlacedField {
  /** `_mapcount`, or `page[1]._mapcount` for one of struct page. */
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** A bit of `_mm_ids` that is not part of an id. */
export type MmIdsBit = "lock" | "shared";

/** A fault of a layout. */
export type LayoutFault =
  /** Two fields that a folio uses at the same time overlap. */
  | {
      readonly kind: "overlap";
      readonly folio: FolioKind;
      readonly one: PlacedField;
      readonly other: PlacedField;
    }
  /** A field of a folio of order 1 is beyond its two struct pages. */
  | { readonly kind: "beyond-order-1"; readonly field: PlacedField }
  /** A field has different offsets in struct folio and in struct page. */
  | { readonly kind: "different-offsets"; readonly field: string; readonly inFolio: number; readonly inPage: number }
  | { readonly kind: "no-mm-ids" }
  | {
      readonly kind: "mm-ids-size";
      readonly word: Omit<PlacedField, "name">;
      readonly ids: Omit<PlacedField, "name">;
    }
  | { readonly kind: "bit-outside"; readonly name: MmIdsBit; readonly bit: number; readonly width: number }
  | { readonly kind: "bit-in-id"; readonly name: MmIdsBit; readonly bit: number; readonly slot: number }
  | { readonly kind: "same-bit" }
  /** A field of an unmapped large folio overlaps a field of a tail page, and has a wrong value for it. */
  | {
      readonly kind: "overlay-at-rest";
      readonly field: PlacedField;
      readonly page: number;
      readonly inPage: "private" | "_mapcount";
    }
  /** After a vmemmap restore, a tail page beyond NR_RESET_STRUCT_PAGE has a value of a folio field in `mapping`. */
  | {
      readonly kind: "stale-mapping";
      readonly machine: string;
      readonly steps: readonly string[];
      readonly reset: number;
      readonly page: number;
    }
  /** folio_reset_order() does not clear `_nr_pages`, which overlaps `memcg_data` of struct pages. */
  | {
      readonly kind: "stale-memcg-data";
      readonly machine: string;
      readonly steps: readonly string[];
      readonly pages: readonly number[];
    }
  | StructPageFault;

/** A function leaves a value in a struct page for its next user, or its warnings differ from the model's. */
export type StructPageFault =
  | {
      readonly kind: "private-left";
      readonly steps: readonly ActionCall[];
      readonly function: string;
      readonly page: "page" | "tail page";
      /** State of the page after the step. */
      readonly becomes: "page" | "folio";
    }
  | {
      readonly kind: "damaged-page";
      readonly steps: readonly ActionCall[];
      readonly function: string;
      /**
       * The warning of the model, if the function does not warn; absent if the function warns and the model does not.
       */
      readonly missing?: WarningName | "unknown";
    };
