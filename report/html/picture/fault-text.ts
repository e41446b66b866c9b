/** Faults of a claim as text: the place, the actual and the expected value. */
import type { ExpectedValue, Fault, FaultValue } from "../../../invariants/fault.ts";
import { folioName, mmName, pageName } from "../../trace/entry.ts";

/** Formats a fault: `owner slot 1 of folio A: _mm_id_mapcount is 4, expected at most 0`. */
export function faultText(fault: Fault): string {
  const place = placeText(fault);
  const values = faultValues(fault);
  return place === "" ? values : `${place}: ${values}`;
}

/** Formats a fault without its place: `_mm_id_mapcount is 4, expected at most 0`. */
export function faultValues({ field, actual, expected }: Fault): string {
  return `${field} is ${valueText(actual)}, expected ${expectedText(expected)}`;
}

function placeText({ folio, page, ownerSlot, mm, vma, entry, swapSlot, holder, filePage }: Fault): string {
  const parts = [
    ...(ownerSlot === undefined ? [] : [`owner slot ${ownerSlot}`]),
    ...(page === undefined ? [] : [`page ${folio === undefined ? page : pageName(folio, page)}`]),
    ...(folio === undefined || page !== undefined ? [] : [`folio ${folioName(folio)}`]),
    ...(entry === undefined ? [] : [`entry ${entry}`]),
    ...(vma === undefined || vma === 0 ? [] : [`vma ${vma}`]),
    ...(mm === undefined ? [] : [mmName(mm)]),
    ...(swapSlot === undefined ? [] : [`swap slot ${swapSlot}`]),
    ...(holder === undefined ? [] : [`holder ${holder}`]),
    ...(filePage === undefined ? [] : [`page ${filePage} of the file`]),
  ];
  return parts.join(", ");
}

function valueText(value: FaultValue): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

function expectedText(expected: ExpectedValue): string {
  return typeof expected !== "object"
    ? valueText(expected)
    : "least" in expected
      ? `at least ${expected.least}`
      : `at most ${expected.most}`;
}
