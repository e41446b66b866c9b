/** Faults of calls of C code, as data: differences from the model, and what no call may do. */
import type { FieldRange } from "../../explore/model/errors.ts";
import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { WarningName } from "../../model/kernel/warnings.ts";
import type { Outside } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** A function of the tree; without a place where it is not in the unit. */
export interface FunctionPlace {
  readonly name: string;
  readonly place?: SourcePlace;
}

/** A field of a folio by the name that the kernel has for it; `shared` is the shared bit of `_mm_ids`. */
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
  | "deferred_list";

/** A field of a folio after a call. Mapcounts are stored values. */
export interface FieldDifference {
  readonly kind: "field";
  readonly field: FolioFieldName;
  /** Of an owner slot or a page: its position in the folio. */
  readonly index?: number;
  readonly compiled: number | boolean;
  readonly model: number | boolean;
}

/** By how much a call changes a statistic. */
export interface StatisticDifference {
  readonly kind: "statistic";
  readonly field: string;
  readonly compiled: number;
  readonly model: number;
}

/** A value that the C code left, and that no state of the model can have. */
export type OutOfRange = { readonly kind: "out-of-range" } & FieldRange;

/** Why a call did not come to its end. */
export interface Trap {
  /** `iterations`: its loops take too many. `trap`: WebAssembly stopped it. */
  readonly reason: "iterations" | "trap";
  /** The message of WebAssembly. */
  readonly message?: string;
  /** The function that it was stopped in, where the calls are logged. */
  readonly in?: FunctionPlace;
}

/** Where C code alone is the kernel: what it left, which no execution of a right kernel leaves. */
export type ImpossibleValue =
  | OutOfRange
  | StatisticDifference
  /** The index of a folio is another one than before. */
  | { readonly kind: "folio-index"; readonly before: number; readonly after: number }
  /** `_total_mapped_pages` is not the number of pages that PTEs map. */
  | { readonly kind: "total-mapped-pages"; readonly value: number; readonly pages: number };

/** A fault of one call. */
export type CallFault =
  | FieldDifference
  | StatisticDifference
  | { readonly kind: "result"; readonly compiled: number | boolean; readonly model: number | boolean }
  /** Whether it warns; where the model does, the warning that is known of it. */
  | { readonly kind: "warning"; readonly compiled: boolean; readonly model: boolean; readonly warning?: WarningName }
  /** A warning of the C code. */
  | { readonly kind: "tree-warning"; readonly place: SourcePlace; readonly condition: string }
  | { readonly kind: "unknown-warning"; readonly id: number }
  | ({ readonly kind: "not-ended" } & Trap)
  | { readonly kind: "lock-left" }
  /** A write to a word of the struct pages where the model has no field, by a call that may write or by a query. */
  | { readonly kind: "unexpected-write"; readonly word: number; readonly by: "change" | "query" }
  /** Free leaves a tail page that is not a page of its own. */
  | { readonly kind: "tail-left" }
  | { readonly kind: "outside"; readonly object: keyof typeof Outside }
  | { readonly kind: "unknown-statistic"; readonly item: number }
  /** Free accepts a page and warns of it, or rejects it and does not. */
  | { readonly kind: "free-verdict"; readonly isBad: boolean; readonly warned: boolean }
  | { readonly kind: "impossible"; readonly values: readonly ImpossibleValue[] }
  /** Of a thread: a store of a value that no state of the model can have. */
  | { readonly kind: "impossible-store"; readonly field: string }
  | { readonly kind: "lock-bit-overwritten" }
  | { readonly kind: "lock-not-held" };

/** What is wrong with a call: of an operation that is compared with the model, with its name. */
export interface CallFaults {
  readonly kind: "call";
  readonly function?: FunctionPlace;
  readonly faults: readonly CallFault[];
}

/** What is wrong with a query of a folio. */
export interface QueryFaults {
  readonly kind: "query";
  /** Absent where all queries together have the fault, and none of them alone. */
  readonly function?: FunctionPlace;
  readonly folio: number;
  readonly faults: readonly CallFault[];
}

/** A function with the place of its definition. */
export function functionPlace({ functions }: TranslationUnit, name: string): FunctionPlace {
  const found = functions.find((each) => each.name === name);
  return found === undefined ? { name } : { name, place: { file: found.file, line: found.line } };
}
