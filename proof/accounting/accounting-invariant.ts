/**
 * The inductive invariant of rmap accounting with CONFIG_NO_PAGE_MAPCOUNT, which holds together with that of owner tracking. T is
 * the number of mappings of the folio, D that of PMDs among them, N its number of pages. docs/proof.md has the argument.
 */
import { implies, type Logic } from "../logic.ts";
import type { Invariant, Part } from "../theory.ts";
import { maps } from "../tracked-state.ts";
import { type AccountedState, hasQueue } from "./accounted-state.ts";

/** Whether a folio counts with all its pages in one of two statistics, as it is anon or not, exactly while `counts`. */
function countsWhole<B, N>(
  logic: Logic<B, N>,
  { nrPages, anon }: AccountedState<B, N>,
  counts: B,
  ofAnon: N,
  ofFile: N,
): B {
  const { and, not, equal, choose, constant } = logic;
  const pages = (kind: B): N => choose(and(kind, counts), nrPages, constant(0));
  return and(equal(ofAnon, pages(anon)), equal(ofFile, pages(not(anon))));
}

/** Whether the entire mapcount is the number of PMD mappings. A folio of two pages has none of both: on 32-bit, no field. */
export function countsPmds<B, N>(
  logic: Logic<B, N>,
  { entireMapcount, pmdMappings, nrPages }: AccountedState<B, N>,
): B {
  const { equal, add, constant } = logic;
  return implies(logic, hasQueue(logic, nrPages), equal(add(entireMapcount, constant(1)), pmdMappings));
}

/** Whether the mapped statistics have all pages of the folio while anything maps it. */
export function isCountedWhileMapped<B, N>(logic: Logic<B, N>, state: AccountedState<B, N>): B {
  const { mappings, statistics } = state;
  return countsWhole(logic, state, maps(logic, mappings), statistics.nrAnonMapped, statistics.nrFileMapped);
}

/** Whether the PMD-mapped statistics have all pages of the folio while a PMD maps it. */
export function isCountedWhilePmdMapped<B, N>(logic: Logic<B, N>, state: AccountedState<B, N>): B {
  const { pmdMappings, statistics } = state;
  return countsWhole(logic, state, maps(logic, pmdMappings), statistics.nrAnonThps, statistics.nrFilePmdmapped);
}

/** Whether only anon folios of more than two pages are queued, and every one that is marked as partially mapped. */
export function isQueueRight<B, N>(
  logic: Logic<B, N>,
  { queued, partiallyMapped, anon, nrPages }: AccountedState<B, N>,
): B {
  const { and } = logic;
  return and(
    implies(logic, partiallyMapped, queued),
    implies(logic, queued, anon),
    implies(logic, queued, hasQueue(logic, nrPages)),
  );
}

const PARTS: readonly Part<"accounting">[] = [
  {
    name: "entire",
    sentence: "The entire mapcount is the number of PMD mappings: E + 1 = D if N > 2",
    holds: countsPmds,
  },
  {
    name: "mapped",
    sentence: "All N pages count as mapped, anon or file, while T > 0, and none otherwise",
    holds: isCountedWhileMapped,
  },
  {
    name: "pmd-mapped",
    sentence: "All N pages count as PMD-mapped, anon or file, while D > 0, and none otherwise",
    holds: isCountedWhilePmdMapped,
  },
  {
    name: "queue",
    sentence:
      "Only an anon folio of more than two pages is queued for deferred split, and one that is marked as partially mapped is",
    holds: isQueueRight,
  },
];

/** The invariant, together with a form of that of owner tracking. */
export function accountingWith({ name, parts }: Invariant): Invariant<"accounting"> {
  return { name, parts: PARTS, given: parts };
}
