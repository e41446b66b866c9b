/** Faults of a layout of struct page and struct folio, and of struct pages that reach their next owner, as data. */
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

/** A bit of `_mm_ids` that is none of an id. */
export type MmIdsBit = "lock" | "shared";

/** A fault. */
export type LayoutFault =
  | {
      readonly kind: "overlap";
      readonly folio: FolioKind;
      readonly one: PlacedField;
      readonly other: PlacedField;
    }
  /** A field of a folio of order 1 lies beyond its two struct pages. */
  | { readonly kind: "beyond-order-1"; readonly field: PlacedField }
  /** A field has one offset in struct folio, and another in struct page. */
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
  /** A field of a large folio that nothing maps lies where a tail page has another one, and has a wrong value for it. */
  | {
      readonly kind: "overlay-at-rest";
      readonly field: PlacedField;
      readonly page: number;
      readonly inPage: "private" | "_mapcount";
    }
  /** NR_RESET_STRUCT_PAGE leaves a field of the folio where a struct page has its mapping. */
  | {
      readonly kind: "stale-mapping";
      readonly machine: string;
      readonly steps: readonly string[];
      readonly reset: number;
      readonly page: number;
    }
  /** folio_reset_order() leaves `_nr_pages` where struct pages have their memcg_data. */
  | {
      readonly kind: "stale-memcg-data";
      readonly machine: string;
      readonly steps: readonly string[];
      readonly pages: readonly number[];
    }
  | StructPageFault;

/** A function leaves a field of a struct page to its next owner, or warns of other struct pages than the model does. */
export type StructPageFault =
  | {
      readonly kind: "private-left";
      readonly steps: readonly ActionCall[];
      readonly function: string;
      readonly page: "page" | "tail page";
      /** What the page becomes. */
      readonly becomes: "page" | "folio";
    }
  | {
      readonly kind: "damaged-page";
      readonly steps: readonly ActionCall[];
      readonly function: string;
      /** The warning of the model, where the function does not warn; absent where it warns, and the model does not. */
      readonly missing?: WarningName | "unknown";
    };
