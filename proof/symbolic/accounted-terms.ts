/** Any state of rmap accounting in terms, and the names of its symbols. */
import type { AccountedTruth, Contribution, StoredAccounting } from "../accounting/accounted-state.ts";
import type { StoredFolio } from "../tracked-state.ts";
import { type Term, variable } from "./term.ts";
import { INTEGER_BITS, TERMS } from "./terms-logic.ts";
import { anyTruth, asInteger, int, isNotZero, unmappedTruth } from "./tracked-terms.ts";

/** The names of the symbols, besides those of owner tracking. */
export const ACCOUNTED_SYMBOLS = {
  pmdOrder: "order of a PMD",
  page: "first page",
  entireMapcount: "entire_mapcount",
  nrPagesMapped: "nr_pages_mapped",
  partiallyMapped: "partially mapped",
  queued: "queued",
  anon: "anon",
  swapcache: "in the swap cache",
  shmem: "of shmem",
  nrAnonMapped: "in NR_ANON_MAPPED",
  nrFileMapped: "in NR_FILE_MAPPED",
  nrAnonThps: "in NR_ANON_THPS",
  nrFilePmdmapped: "in NR_FILE_PMDMAPPED",
  pmdMappings: "D",
} as const;

/** A flag, as a truth value. */
export const flag = (name: string): Term => isNotZero(variable(name, 1));

/** A contribution to the statistics. @param of the term by the name of a symbol */
function anyContribution(of: (name: string) => Term): Contribution<Term> {
  return {
    nrAnonMapped: of(ACCOUNTED_SYMBOLS.nrAnonMapped),
    nrFileMapped: of(ACCOUNTED_SYMBOLS.nrFileMapped),
    nrAnonThps: of(ACCOUNTED_SYMBOLS.nrAnonThps),
    nrFilePmdmapped: of(ACCOUNTED_SYMBOLS.nrFilePmdmapped),
  };
}

/** Any stored values, besides those of owner tracking. */
export function anyAccounting(): StoredAccounting<Term, Term> {
  return {
    entireMapcount: asInteger(int(ACCOUNTED_SYMBOLS.entireMapcount)),
    partiallyMapped: flag(ACCOUNTED_SYMBOLS.partiallyMapped),
    queued: flag(ACCOUNTED_SYMBOLS.queued),
    statistics: anyContribution((name) => asInteger(int(name))),
  };
}

/** Any truth. */
export function anyAccountedTruth(stored: StoredFolio<Term, Term>, actor: Term): AccountedTruth<Term, Term> {
  return { ...anyTruth(stored, actor), pmdMappings: variable(ACCOUNTED_SYMBOLS.pmdMappings, INTEGER_BITS) };
}

/** The truth of a folio that nothing maps. */
export function unmappedAccountedTruth(): AccountedTruth<Term, Term> {
  return { ...unmappedTruth(), pmdMappings: TERMS.constant(0) };
}

/** The contribution of a new folio. */
export function noContribution(): Contribution<Term> {
  return anyContribution(() => TERMS.constant(0));
}
