/** Which states of accounting MMs reach, and whether a counterexample to induction is reached. */
import type { AccountedNumbers } from "../check-obligations.ts";
import type { CountingBounds } from "../counting-machine.ts";
import { classOf, type EnumerationBounds } from "../enumerate.ts";
import { type Coverage, comparedStates, failureIn, type Reached, reachedBy } from "../reachable.ts";
import type { Invariant } from "../theory.ts";
import { type AccountingWorld, accountedInRoles, accountingMachine } from "./accounting-machine.ts";
import { accountedSizes } from "./enumerate-accounting.ts";
import type { ExecutedAccounting } from "./executed-accounting.ts";

/** Compares states of an enumeration with those that MMs reach. */
export function accountingCoverage(
  functions: ExecutedAccounting,
  mms: number,
  invariant: Invariant<"accounting">,
  { pages, mappings, others }: EnumerationBounds,
  enumerated: readonly AccountedNumbers[],
): Coverage<AccountedNumbers> {
  const reached = accountedSizes(pages).flatMap((size) =>
    reachedBy(accountingMachine(functions, { pages: size, mms, mappings }, invariant), mms, others, accountedInRoles),
  );
  return comparedStates(reached, enumerated, keyOf);
}

function keyOf(state: AccountedNumbers): string {
  const { exact, pmdMappings, entireMapcount, partiallyMapped, queued, statistics } = state;
  const { nrPages, pmdSized, anon, swapcache, shmem } = state;
  const { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped } = statistics;
  return JSON.stringify([
    classOf(state),
    exact,
    [pmdMappings, entireMapcount, partiallyMapped, queued, nrPages, pmdSized, anon, swapcache, shmem],
    [nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped],
  ]);
}

/** Searches a shortest execution after which an obligation fails. @returns undefined when there is none within the bounds */
export function reachedAccountingFailure(
  functions: ExecutedAccounting,
  bounds: CountingBounds,
  invariant: Invariant<"accounting">,
): Reached<AccountingWorld> | undefined {
  return failureIn(accountingMachine(functions, bounds, invariant));
}
