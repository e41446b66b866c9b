/** Values of the terms of rmap accounting as numbers. */
import type { AccountedFolio, FolioKind } from "../accounting/accounted-state.ts";
import type { NumberFolio } from "../accounting/executed-accounting.ts";
import type { AccountedNumbers } from "../check-obligations.ts";
import { type Evaluate, numberOf, numbersOf, storedNumbers } from "./numbers.ts";
import type { Term } from "./term.ts";
import type { TermState } from "./term-functions.ts";

/** A folio in numbers: its stored values, and its kind. */
export function accountedNumbers(
  folio: AccountedFolio<Term, Term> & FolioKind<Term, Term>,
  evaluate: Evaluate,
): NumberFolio {
  const holds = (term: Term): boolean => evaluate(term) === 1n;
  const { statistics } = folio;
  return {
    ...storedNumbers(folio, evaluate),
    entireMapcount: numberOf(folio.entireMapcount, evaluate),
    partiallyMapped: holds(folio.partiallyMapped),
    queued: holds(folio.queued),
    statistics: {
      nrAnonMapped: numberOf(statistics.nrAnonMapped, evaluate),
      nrFileMapped: numberOf(statistics.nrFileMapped, evaluate),
      nrAnonThps: numberOf(statistics.nrAnonThps, evaluate),
      nrFilePmdmapped: numberOf(statistics.nrFilePmdmapped, evaluate),
    },
    nrPages: numberOf(folio.nrPages, evaluate),
    pmdSized: holds(folio.pmdSized),
    anon: holds(folio.anon),
    swapcache: holds(folio.swapcache),
    shmem: holds(folio.shmem),
  };
}

/** A state in numbers. */
export function accountedNumbersOf(state: TermState<"accounting">, evaluate: Evaluate): AccountedNumbers {
  return {
    ...accountedNumbers(state, evaluate),
    ...numbersOf(state, evaluate),
    pmdMappings: numberOf(state.pmdMappings, evaluate),
  };
}
