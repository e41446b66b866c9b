/** A topic of one kernel, with everything that a proof of it takes. */
import type { KernelConfig } from "../model/kernel/config.ts";
import { ACCOUNTING_CLAIMS } from "./accounting/accounting-claims.ts";
import { accountingWith } from "./accounting/accounting-invariant.ts";
import { accountedStates, enumerateAccounting } from "./accounting/enumerate-accounting.ts";
import type { ExecutedAccounting } from "./accounting/executed-accounting.ts";
import { accountingCoverage, reachedAccountingFailure } from "./accounting/reachable-accounting.ts";
import type { CountingBounds } from "./counting-machine.ts";
import { type EnumerationBounds, enumerate, statesOf } from "./enumerate.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import { STRONG, WEAK } from "./invariant.ts";
import type { ProofSubject } from "./proof-result.ts";
import type { Enumerable, EnumerationOptions } from "./prove-by-enumeration.ts";
import { coverage, type Reached, reachedFailure } from "./reachable.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import type { Invariant, Topic } from "./theory.ts";
import type { Limits } from "./tracked-state.ts";

/** A topic of one kernel. */
export interface Provable<T extends Topic> {
  readonly topic: T;
  readonly subject: ProofSubject;
  /** Forms of the invariant, the strongest first. */
  readonly forms: readonly [Invariant<T>, ...Invariant<T>[]];
  /** Claims that follow from it. */
  readonly claims: readonly string[];
  readonly limits: Limits;
  readonly enumerable: Enumerable<T>;
  /** Options of the enumeration that are the usual ones. */
  readonly usual: EnumerationOptions;
  /** MMs by which a failure may be reached, pages of the folios that they map, and the most that these can have. */
  readonly mms: number;
  readonly sizes: readonly number[];
  readonly mostPages: number;
  /** A shortest execution within bounds after which an obligation fails. */
  readonly failure: (bounds: CountingBounds, invariant: Invariant<T>) => Reached<unknown> | undefined;
}

/** With the kernel's own slots. */
const BOUNDS: EnumerationBounds = { pages: 4, mappings: 4, others: 8 };

/** With slots that overflow at the second mapping. */
const OVERFLOW_BOUNDS: EnumerationBounds = { pages: 2, mappings: 4, others: 8 };

/** Of accounting: with PMDs, and more mappings than pages. */
const ACCOUNTING_BOUNDS: EnumerationBounds = { pages: 4, mappings: 2, others: 2 };

/** The kernel that is proved, and its configuration. */
export interface NamedKernel {
  readonly subject: ProofSubject;
  readonly config: KernelConfig;
}

/** Owner tracking of a kernel. */
export function provableTracking({ subject, config }: NamedKernel, functions: ExecutedFunctions): Provable<"tracking"> {
  const { limits } = functions;
  const bounds = limits.slotMax < BOUNDS.pages ? OVERFLOW_BOUNDS : BOUNDS;
  return {
    topic: "tracking",
    subject,
    forms: [STRONG, WEAK],
    claims: provableClaims(config),
    limits,
    enumerable: {
      neededBounds: { pages: 2, mappings: 2, others: 2 },
      coveredMms: 3,
      statesOf: (invariant, within) => statesOf(invariant, within, limits),
      enumerate: (invariant, within, states) => enumerate(functions, invariant, within, states),
      coverage: (mms, invariant, within, states) => coverage(functions, mms, invariant, within, states),
    },
    usual: { bounds, evidence: true },
    mms: 3,
    sizes: [bounds.pages],
    mostPages: Number.POSITIVE_INFINITY,
    failure: (within, invariant) => reachedFailure(functions, within, invariant),
  };
}

/**
 * Accounting of a kernel without page mapcounts.
 *
 * @param tracking the form of the invariant of owner tracking that the kernel preserves
 */
export function provableAccounting(
  { subject }: NamedKernel,
  functions: ExecutedAccounting,
  tracking: Invariant,
): Provable<"accounting"> {
  const { limits } = functions.tracking;
  return {
    topic: "accounting",
    subject,
    forms: [accountingWith(tracking)],
    claims: ACCOUNTING_CLAIMS.flatMap(({ ids }) => ids),
    limits,
    enumerable: {
      neededBounds: { pages: 4, mappings: 1, others: 1 },
      coveredMms: 2,
      statesOf: (invariant, bounds) => accountedStates(invariant, bounds, limits),
      enumerate: (invariant, bounds, states) => enumerateAccounting(functions, invariant, bounds, states),
      coverage: (mms, invariant, bounds, states) => accountingCoverage(functions, mms, invariant, bounds, states),
    },
    usual: { bounds: ACCOUNTING_BOUNDS, evidence: true },
    mms: 2,
    sizes: [ACCOUNTING_BOUNDS.pages, 2],
    mostPages: functions.mostPages,
    failure: (within, invariant) => reachedAccountingFailure(functions, within, invariant),
  };
}

/** The claims about owner tracking that are proved with its invariant: C17 is about slots that overflow. */
export function provableClaims({ is64Bit }: KernelConfig): readonly string[] {
  const ids = [...STATE_CLAIMS.flatMap((claim) => claim.ids), "C5"];
  return ids.filter((id) => id !== "C17" || !is64Bit).sort((one, other) => numberIn(one) - numberIn(other));
}

/** The number of a claim: 6 of `C6.large-mapcount`. */
function numberIn(id: string): number {
  return Number.parseInt(id.slice(1), 10);
}
