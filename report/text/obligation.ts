/** Refuted obligations of a proof as text. */
import { FUNCTION_OF } from "../../proof/function-of.ts";
import type { ObligationResult } from "../../proof/proof-result.ts";

/** Formats a refuted obligation as a main clause. */
export function obligationText({ from, to }: Pick<ObligationResult, "from" | "to">): string {
  switch (from) {
    case "claim":
      return `The invariant does not imply ${to}`;
    case "fresh folio":
      return `A fresh folio does not satisfy "${to}"`;
    default:
      return `Counterexample to induction: ${FUNCTION_OF[from]}() does not keep "${to}"`;
  }
}
