/** Faults of C calls as text. */
import type {
  CallFault,
  CallFaults,
  FieldDifference,
  FolioFieldName,
  FunctionPlace,
  ImpossibleValue,
  OutOfRange,
  QueryFaults,
  StatisticDifference,
  Trap,
} from "../../gate/adapter/call-fault.ts";
import type { Outside } from "../../gate/harness/harness.ts";
import { MOST_ITERATIONS } from "../../gate/module/fuel.ts";
import { warningSentence } from "../../model/kernel/warnings.ts";
import { FOLIO_FIELDS, PAGE_FIELDS, SLOT_FIELDS, storedName } from "../../model/state/folio-fields.ts";
import { placeText } from "./place.ts";

/** Formats the faults of a call: `folio_remove_rmap_ptes() at mm/rmap.c:1813: it returns 0, in the model 1`. */
export function callFaultsText({ function: callee, faults }: CallFaults): string {
  const text = faults.map(callFaultText).join("; ");
  return callee === undefined ? text : `${functionText(callee)}: ${text}`;
}

/**
 * Formats the faults of a query: `folio_mapcount() at include/linux/mm.h:5, called for folio 0: it returns 1, in the
 * model 2`.
 */
export function queryFaultsText({ function: callee, folio, faults }: QueryFaults): string {
  const text = faults.map(callFaultText).join("; ");
  return `${callee === undefined ? "all queries together" : functionText(callee)}, called for folio ${folio}: ${text}`;
}

function functionText({ name, place }: FunctionPlace): string {
  return place === undefined ? `${name}()` : `${name}() at ${placeText(place)}`;
}

const FIELDS: { readonly [N in FolioFieldName]: (index: number | undefined) => string } = {
  _refcount: () => storedName(FOLIO_FIELDS.refcount),
  index: () => storedName(FOLIO_FIELDS.index),
  _large_mapcount: () => storedName(FOLIO_FIELDS.largeMapcount),
  _nr_pages_mapped: () => `${FOLIO_FIELDS.nrPagesMapped.kernel} (pages)`,
  ENTIRELY_MAPPED: () => `${FOLIO_FIELDS.nrPagesMapped.kernel} (ENTIRELY_MAPPED)`,
  _total_mapped_pages: () => storedName(FOLIO_FIELDS.totalMappedPages),
  _mm_id: (slot) => storedName(SLOT_FIELDS.mmId, `[${slot}]`),
  _mm_id_mapcount: (slot) => storedName(SLOT_FIELDS.mapcount, `[${slot}]`),
  _entire_mapcount: () => storedName(FOLIO_FIELDS.entireMapcount),
  _pincount: () => storedName(FOLIO_FIELDS.pincount),
  _mapcount: (page) => storedName(PAGE_FIELDS.mapcount, ` of page ${page}`),
  PageAnonExclusive: (page) => storedName(PAGE_FIELDS.anonExclusive, ` of page ${page}`),
  shared: () => FOLIO_FIELDS.mmIdsShared.kernel,
  anon: () => FOLIO_FIELDS.anon.kernel,
  swapcache: () => FOLIO_FIELDS.swapcache.kernel,
  locked: () => FOLIO_FIELDS.locked.kernel,
  partially_mapped: () => FOLIO_FIELDS.partiallyMapped.kernel,
  deferred_list: () => "being on the deferred split queue",
  in_page_cache: () => "being in the page cache",
  _nr_pages: () => FOLIO_FIELDS.nrPages.kernel,
};

const OUTSIDE: { readonly [N in keyof typeof Outside]: string } = {
  neighbour: "it writes to a struct page next to the folio's",
  null: "it writes through a NULL pointer",
  mm: "it changes the mm_struct",
  vma: "it changes the VMA",
  anonVma: "it changes the anon_vma",
  splitQueue: "it leaves a deferred split queue whose list, split_queue_len and folio do not agree",
  spinlock: "it does not give back as many spinlocks as it takes",
};

/** Formats a fault as a main clause. */
export function callFaultText(fault: CallFault): string {
  switch (fault.kind) {
    case "field":
      return fieldText(fault);
    case "statistic":
      return statisticText(fault);
    case "result":
      return `it returns ${fault.compiled}, in the model ${fault.model}`;
    case "warning":
      return warningText(fault);
    case "tree-warning":
      return `it warns at ${placeText(fault.place)}: ${fault.condition}`;
    case "unknown-warning":
      return `it raises a warning that the tree does not have (${fault.id})`;
    case "not-ended":
      return `it does not terminate: ${trapText(fault)}`;
    case "lock-left":
      return "it leaves the large-mapcount lock taken";
    case "unexpected-write":
      return fault.by === "query"
        ? `it changes word ${fault.word} of the struct pages`
        : `it writes to word ${fault.word} of the struct pages, for which the model has no field`;
    case "tail-left":
      return "a tail page does not become a separate page";
    case "outside":
      return OUTSIDE[fault.object];
    case "unknown-statistic":
      return `it changes statistic ${fault.item} of enum node_stat_item`;
    case "free-verdict":
      return `it calls the page ${fault.isBad ? "bad" : "good"}, and ${fault.warned ? "warns of it" : "does not warn"}`;
    case "impossible":
      return `it leaves impossible values: ${fault.values.map(impossibleText).join("; ")}`;
    case "impossible-store":
      return `it stores an impossible value to ${fault.field}`;
    case "lock-bit-overwritten":
      return "it overwrites the lock bit of _mm_ids";
    case "lock-not-held":
      return "it releases the large-mapcount lock without holding it";
  }
}

function fieldText({ field, index, compiled, model }: FieldDifference): string {
  return `${FIELDS[field](index)} is ${compiled}, in the model ${model}`;
}

function statisticText({ field, compiled, model }: StatisticDifference): string {
  return `${field} changes by ${compiled}, in the model by ${model}`;
}

function warningText({ compiled, model, warning }: Extract<CallFault, { readonly kind: "warning" }>): string {
  const compiledText = compiled ? "it warns" : "it does not warn";
  const sentence = warning === undefined ? "" : `: ${warningSentence(warning)}`;
  return `${compiledText}, and the model ${model ? "does" : "does not"}${sentence}`;
}

function trapText({ reason, message, in: stoppedIn }: Trap): string {
  const why = reason === "iterations" ? iterationsText() : (message ?? "it was stopped");
  return stoppedIn === undefined ? why : `${why}, in ${functionText(stoppedIn)}`;
}

/** Text for a call that exceeds the limit of loop iterations. */
export function iterationsText(): string {
  return `it takes more than ${MOST_ITERATIONS.toLocaleString("en")} iterations of loops`;
}

function impossibleText(value: ImpossibleValue): string {
  switch (value.kind) {
    case "out-of-range":
      return outOfRangeText(value);
    case "statistic":
      return statisticText(value);
    case "folio-index":
      return `the index of a folio at ${value.before} is ${value.after}`;
    case "total-mapped-pages":
      return `_total_mapped_pages is ${value.value} where PTEs map ${value.pages} pages`;
  }
}

/** Formats a value that is out of the range of its field. */
export function outOfRangeText({ field, value, least, most }: OutOfRange): string {
  return `the value ${value} does not fit field ${field}, which is declared ${least} … ${most}`;
}
