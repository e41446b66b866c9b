/** Faults of layouts and struct pages as text. */
import { formatCall } from "../../explore/model/model.ts";
import type { LayoutFault, PlacedField } from "../../gate/layout/layout-fault.ts";
import { namedWarningText } from "./kernel-warning.ts";

/** Formats a fault as a main clause. */
export function layoutFaultText(fault: LayoutFault): string {
  switch (fault.kind) {
    case "overlap":
      return `${fault.folio}: ${fieldText(fault.one)} overlaps ${fieldText(fault.other)}`;
    case "beyond-order-1":
      return `folio of order 1: ${fieldText(fault.field)} lies beyond its two struct pages`;
    case "different-offsets":
      return `${fault.field} is at byte ${fault.inFolio} of struct folio, and at byte ${fault.inPage} of struct page`;
    case "no-mm-ids":
      return "the tree has no _mm_ids, _mm_id or MM_ID_BITS";
    case "mm-ids-size": {
      const { word, ids } = fault;
      return `_mm_ids has ${word.bytes} bytes at ${word.offset}, and the two ids ${ids.bytes} at ${ids.offset}`;
    }
    case "bit-outside":
      return `the ${fault.name} bit is bit ${fault.bit} of a word of ${fault.width} bits`;
    case "bit-in-id":
      return `the ${fault.name} bit, bit ${fault.bit} of _mm_ids, is part of the id in slot ${fault.slot}`;
    case "same-bit":
      return "the lock and the shared bit are the same bit";
    case "overlay-at-rest": {
      const { field, page, inPage } = fault;
      const value = inPage === "private" ? "is not 0 at rest" : "is not -1 at rest: a mapcount, or a page type";
      return `large folio: ${fieldText(field)} lies where page ${page} has ${inPage}, and ${value}`;
    }
    case "stale-mapping":
      return staleText(
        fault,
        `NR_RESET_STRUCT_PAGE is ${fault.reset}, and a field of the folio lies where struct page ${fault.page} has its mapping`,
      );
    case "stale-memcg-data":
      return staleText(
        fault,
        `folio_reset_order() leaves _nr_pages, which lies where struct page ${fault.pages.join(", ")} has its memcg_data`,
      );
    case "private-left": {
      const { steps, function: name, page, becomes } = fault;
      const next = becomes === "page" ? "becomes a separate page" : "becomes a folio";
      return `${steps.map(formatCall).join(", ")}: ${name}() leaves private of a ${page}, which ${next}, and does not warn`;
    }
    case "damaged-page": {
      const { steps, function: name, missing } = fault;
      const difference =
        missing === undefined
          ? "warns of the page, or refuses it, and the model does not"
          : `does not warn, and the model does${missing === "unknown" ? "" : `: ${namedWarningText(missing)}`}`;
      return `${steps.map(formatCall).join(", ")}: ${name}() ${difference}`;
    }
  }
}

function fieldText({ name, offset, bytes }: PlacedField): string {
  return `${name} (bytes ${offset} to ${offset + bytes - 1})`;
}

function staleText(
  { machine, steps }: { readonly machine: string; readonly steps: readonly string[] },
  why: string,
): string {
  return `${machine}: ${steps.join(", ")} leaves a stale field behind: ${why}`;
}
