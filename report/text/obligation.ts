/** A refuted obligation of a proof in words. */
import { FUNCTION_OF } from "../../proof/operations.ts";
import type { ObligationResult } from "../../proof/proof-result.ts";

/** The obligation that has a counterexample, as a main clause. */
export function obligationText({ from, to }: Pick<ObligationResult, "from" | "to">): string {
  switch (from) {
    case "claim":
      return `The invariant does not imply ${to}`;
    case "fresh folio":
      return `A fresh folio does not satisfy "${to}"`;
    case "set":
    case "add":
    case "sub":
      return `Counterexample to induction: ${FUNCTION_OF[from]}() does not keep "${to}"`;
  }
}
