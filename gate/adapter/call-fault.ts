/** Faults of C calls, as data: differences from the model, and forbidden side effects. */
import type { FieldRange } from "../../explore/model/errors.ts";
import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { WarningName } from "../../model/kernel/warnings.ts";
import type { Outside } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** A function of the tree; without a place if it is not in the translation unit. */
export interface FunctionPlace {
  readonly name: string;
  readonly place?: SourcePlace;
}

/** The kernel's name of a folio field; `shared` is the shared bit of `_mm_ids`. */
export type FolioFieldName =
  | "_refcount"
  | "index"
  | "_large_mapcount"
  | "_nr_pages_mapped"
  | "ENTIRELY_MAPPED"
  | "_total_mapped_pages"
  | "_mm_id"
  | "_mm_id_mapcount"
  | "_entire_mapcount"
  | "_pincount"
  | "_mapcount"
  | "PageAnonExclusive"
  | "shared"
  | "anon"
  | "swapcache"
  | "locked"
  | "partially_mapped"
  | "deferred_list"
  | "in_page_cache"
  | "_nr_pages";

/** A field of a folio that differs after a call. Mapcounts are stored values. */
export interface FieldDifference {
  readonly kind: "field";
  readonly field: FolioFieldName;
  /** Position of the owner slot or of the page in the folio. */
  readonly index?: number;
  readonly compiled: number | boolean;
  readonly model: number | boolean;
}

/** A statistic that C code and model change by different amounts. */
export interface StatisticDifference {
  readonly kind: "statistic";
  readonly field: string;
  readonly compiled: number;
  readonly model: number;
}

/** A value stored by the C code that is outside of the range of the model's field. */
export type OutOfRange = { readonly kind: "out-of-range" } & FieldRange;

/** The reason why a call did not return. */
export interface Trap {
  /** `iterations`: its loops exceeded the limit (gate/module/fuel.ts). `trap`: WebAssembly stopped it. */
  readonly reason: "iterations" | "trap";
  /** The error message of WebAssembly. */
  readonly message?: string;
  /** The function in which the call was stopped; present if the module has a call log. */
  readonly in?: FunctionPlace;
}

/** A value left by the C code that no execution of a correct kernel leaves; raised when the model does not run. */
export type ImpossibleValue =
  | OutOfRange
  | StatisticDifference
  /** The call changed the index of the folio. */
  | { readonly kind: "folio-index"; readonly before: number; readonly after: number }
  /** `_total_mapped_pages` is not the number of pages that PTEs map. */
  | { readonly kind: "total-mapped-pages"; readonly value: number; readonly pages: number };

/** A fault of one call. */
export type CallFault =
  | FieldDifference
  | StatisticDifference
  | { readonly kind: "result"; readonly compiled: number | boolean; readonly model: number | boolean }
  /** Only one of C code and model warns; `warning` is the name of the model's warning. */
  | { readonly kind: "warning"; readonly compiled: boolean; readonly model: boolean; readonly warning?: WarningName }
  /** A warning of the C code. */
  | { readonly kind: "tree-warning"; readonly place: SourcePlace; readonly condition: string }
  | { readonly kind: "unknown-warning"; readonly id: number }
  | ({ readonly kind: "not-ended" } & Trap)
  | { readonly kind: "lock-left" }
  /** A write to a word of the struct pages that the model has no field for, by a changing function or by a query. */
  | { readonly kind: "unexpected-write"; readonly word: number; readonly by: "change" | "query" }
  /** After free, a tail page still belongs to the compound page. */
  | { readonly kind: "tail-left" }
  | { readonly kind: "outside"; readonly object: keyof typeof Outside }
  | { readonly kind: "unknown-statistic"; readonly item: number }
  /** Free accepts a page and warns, or rejects it without a warning. */
  | { readonly kind: "free-verdict"; readonly isBad: boolean; readonly warned: boolean }
  | { readonly kind: "impossible"; readonly values: readonly ImpossibleValue[] }
  /** A store by a thread of a value outside of the range of the model's field. */
  | { readonly kind: "impossible-store"; readonly field: string }
  | { readonly kind: "lock-bit-overwritten" }
  | { readonly kind: "lock-not-held" };

/** The faults of one call; `function` is present for an operation that is compared with the model. */
export interface CallFaults {
  readonly kind: "call";
  readonly function?: FunctionPlace;
  readonly faults: readonly CallFault[];
}

/** The faults of a query of a folio. */
export interface QueryFaults {
  readonly kind: "query";
  /** Absent if all queries together have the fault and none has it alone. */
  readonly function?: FunctionPlace;
  readonly folio: number;
  readonly faults: readonly CallFault[];
}

/** Returns a function with the place of its definition in the tree. */
export function functionPlace({ functions }: TranslationUnit, name: string): FunctionPlace {
  const definition = functions.find((each) => each.name === name);
  return definition === undefined ? { name } : { name, place: { file: definition.file, line: definition.line } };
}
