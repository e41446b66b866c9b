/** Proof of rmap accounting by enumeration: the functions are executed from every state of the invariant at small sizes. */
import { type AccountedNumbers, checkObligations, type NumberState } from "../check-obligations.ts";
import { type Enumeration, type EnumerationBounds, FRESH, range, statesOf } from "../enumerate.ts";
import { NUMBERS } from "../logic.ts";
import { type Invariant, type PartName, satisfies } from "../theory.ts";
import type { Limits } from "../tracked-state.ts";
import { type Contribution, type FolioKind, isAccountedTruth, type StoredAccounting } from "./accounted-state.ts";
import { accountedSteps } from "./accounted-steps.ts";
import { ACCOUNTING } from "./accounting-theory.ts";
import type { ExecutedAccounting } from "./executed-accounting.ts";

const FLAGS = [false, true];

/** Sizes of the folios of an enumeration: the smallest large folio, which no deferred split queue takes, is one. */
export function accountedSizes(pages: number): readonly number[] {
  return pages > 2 ? [2, pages] : [2];
}

/** A folio that counts in no statistic. */
const UNCOUNTED: Contribution<number> = { nrAnonMapped: 0, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0 };

/** The values of a fresh folio. */
const FRESH_ACCOUNTING: StoredAccounting<boolean, number> = {
  entireMapcount: -1,
  partiallyMapped: false,
  queued: false,
  statistics: UNCOUNTED,
};

/** Every state within bounds that satisfies an invariant. */
export function accountedStates(
  invariant: Invariant<"accounting">,
  bounds: EnumerationBounds,
  limits: Limits,
): readonly AccountedNumbers[] {
  const { name, given = [] } = invariant;
  const found: AccountedNumbers[] = [];
  for (const tracked of statesOf({ name, parts: given }, bounds, limits)) {
    for (const state of candidates(tracked, invariant, bounds)) {
      if (isAccountedTruth(NUMBERS, state, limits) && satisfies(NUMBERS, invariant, state, limits)) {
        found.push(state);
      }
    }
  }
  return found;
}

/** States among which are all that satisfy the invariant: values that its parts rule out are not tried. */
function* candidates(
  tracked: NumberState,
  { parts }: Invariant<"accounting">,
  { pages }: EnumerationBounds,
): Generator<AccountedNumbers> {
  const has = (name: PartName): boolean => parts.some((part) => part.name === name);
  for (const kind of accountedSizes(pages).flatMap((nrPages) => [...kinds(nrPages)])) {
    for (const pmdMappings of kind.pmdSized ? range(0, tracked.mappings) : [0]) {
      const entireMapcounts = has("entire") && kind.nrPages > 2 ? [pmdMappings - 1] : [-1, 0, 1];
      for (const entireMapcount of entireMapcounts) {
        for (const statistics of contributions(kind, has, tracked.mappings, pmdMappings)) {
          for (const queued of has("queue") && !kind.anon ? [false] : FLAGS) {
            for (const partiallyMapped of queued || !has("queue") ? FLAGS : [false]) {
              yield { ...tracked, ...kind, pmdMappings, entireMapcount, statistics, queued, partiallyMapped };
            }
          }
        }
      }
    }
  }
}

function* kinds(nrPages: number): Generator<FolioKind<boolean, number>> {
  for (const pmdSized of FLAGS) {
    for (const flag of FLAGS) {
      yield { nrPages, pmdSized, anon: false, swapcache: false, shmem: flag };
      yield { nrPages, pmdSized, anon: true, swapcache: flag, shmem: false };
    }
  }
}

/** Numbers of pages with which a folio may count. */
function* contributions(
  { nrPages, anon }: FolioKind<boolean, number>,
  has: (name: PartName) => boolean,
  mappings: number,
  pmdMappings: number,
): Generator<Contribution<number>> {
  const pages = (part: PartName, count: number): number[] => (has(part) ? [count > 0 ? nrPages : 0] : [0, nrPages]);
  for (const mapped of pages("mapped", mappings)) {
    for (const pmdMapped of pages("pmd-mapped", pmdMappings)) {
      yield anon
        ? { ...UNCOUNTED, nrAnonMapped: mapped, nrAnonThps: pmdMapped }
        : { ...UNCOUNTED, nrFileMapped: mapped, nrFilePmdmapped: pmdMapped };
    }
  }
}

/** Checks every obligation of an invariant on every state within bounds. */
export function enumerateAccounting(
  functions: ExecutedAccounting,
  invariant: Invariant<"accounting">,
  bounds: EnumerationBounds,
  states: readonly AccountedNumbers[] = accountedStates(invariant, bounds, functions.tracking.limits),
): Enumeration {
  const { limits, verdict } = functions.tracking;
  const kind = { nrPages: bounds.pages, pmdSized: true, anon: true, swapcache: false, shmem: false };
  const checked = checkObligations(ACCOUNTING, invariant, {
    limits,
    fresh: { ...FRESH, ...FRESH_ACCOUNTING, ...kind, pmdMappings: 0 },
    states,
    pagesOf: ({ nrPages }) => nrPages,
    verdict: (state) => verdict(state, state.nrPages),
    stepsFrom: (before) => accountedSteps(functions, before),
  });
  return { bounds, states: states.length, ...checked };
}
