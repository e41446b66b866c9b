/** Calls of kernel functions as text: `folio_put_refs(folio 0, 2)`; for C code, `C folio_put_refs() mm/swap.c:12`. */
import type { CallNode, CallValue } from "../../model/kernel/call-node.ts";
import type { InLineName } from "../../model/kernel/call-values.ts";
import type { WarningName } from "../../model/kernel/warnings.ts";
import { namedWarningText } from "./kernel-warning.ts";

/** Texts for code that is no function in the kernel. */
const IN_LINE: { readonly [N in InLineName]: string } = {
  setMmIdSlot: "takes a free slot",
  takeMmIdSlot: "takes a free slot",
  addToMmIdSlot: "adds to the slot of the MM",
  subFromMmIdSlot: "subtracts from the slot of the MM",
  freeMmIdSlot: "frees the slot",
  hugePmdCanReuse: "is the PMD mapping the only reference?",
  swapInExclusive: "is the page this MM's alone?",
  swapInEntryChanged: "has the entry changed?",
  gupFastEntryChanged: "has the entry changed?",
  gupFastRacedWithFork: "has fork() copied page tables?",
};

/**
 * Formats a call with its result, without its callees.
 *
 * @param number formats a number; a constant function gives calls that differ only in numbers the same text
 */
export function callText(call: CallNode, number: (value: number) => string = String): string {
  const { kind, name, args, result, place, isContinued, isInterrupted, isStopped } = call;
  switch (kind) {
    case "warning":
      return namedWarningText(name as WarningName);
    case "cpu":
      return isContinued === true ? `CPU ${name} continues:` : `CPU ${name}:`;
    case "code":
      return `${IN_LINE[name as InLineName]}${result === undefined ? "" : ` = ${answerText(result, number)}`}`;
    case "function": {
      const resultText = result === undefined ? "" : ` = ${valueText(result, number)}`;
      // Where a call began, its place stands already.
      const where = place === undefined || isContinued === true ? "" : ` ${place.file}:${number(place.line)}`;
      const stopped = isStopped === true ? " (stopped here)" : isInterrupted === true ? " (interrupted here)" : "";
      const callee = `${name}(${args.map((each) => valueText(each, number)).join(", ")})`;
      return `${isContinued === true ? "… " : ""}${place === undefined ? "" : "C "}${callee}${resultText}${where}${stopped}`;
    }
  }
}

/** Formats the result of code that is no function: `yes` or `no` for a boolean. */
function answerText(answer: CallValue, number: (value: number) => string): string {
  return typeof answer === "boolean" ? (answer ? "yes" : "no") : valueText(answer, number);
}

function valueText(value: CallValue, number: (value: number) => string): string {
  switch (typeof value) {
    case "number":
      return number(value);
    case "boolean":
    case "string":
      return String(value);
    default:
      return referenceText(value, number);
  }
}

function referenceText(value: Extract<CallValue, object>, number: (value: number) => string): string {
  switch (value.kind) {
    case "mm":
      return `mm ${number(value.mm)}`;
    case "from":
      return `from mm ${number(value.mm)}`;
    case "folio":
      return value.folio === undefined ? "folio" : `folio ${number(value.folio)}`;
    case "pages":
      return rangeText("page", "pages", value, number);
    case "entries":
      return rangeText("entry", "entries", value, number);
    case "slots":
      return rangeText("slot", "slots", value, number);
    case "order":
    case "index":
    case "max_ptes_shared":
      return `${value.kind} ${number(value.value)}`;
    case "swap-entry":
      return `swap entry, slot ${number(value.slot)}`;
    case "migration-entry":
      return `migration entry, folio ${number(value.folio)}, page ${number(value.page)}`;
  }
}

function rangeText(
  one: string,
  several: string,
  { first, count }: { readonly first: number; readonly count: number },
  number: (value: number) => string,
): string {
  return count === 1 ? `${one} ${number(first)}` : `${several} ${number(first)}–${number(first + count - 1)}`;
}
