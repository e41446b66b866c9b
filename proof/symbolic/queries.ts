/**
 * The proof as questions to a solver. An obligation is proved when its negation cannot hold. Besides, what must be possible is:
 * else the assumptions contradict each other, and prove everything.
 */
import { type Invariant, type ObligationId, type OperationOf, type Theory, type Topic, without } from "../theory.ts";
import { addsUp } from "../tracked-state.ts";
import { and, constant, not, or, type Term, TRUE } from "./term.ts";
import type { TermFunctions, TermStep } from "./term-functions.ts";
import { TERMS } from "./terms-logic.ts";

/** A question to a solver. */
export interface Query {
  /** `obligation`: must be unsatisfiable. `possible`: must be satisfiable. The others are expected to be, whatever follows if not. */
  readonly kind: "obligation" | "possible" | "witness" | "needed";
  readonly id: ObligationId | { readonly from: "possible" | "witness" | "needed"; readonly to: string };
  readonly sentence: string;
  /** Must hold together: assumptions first. */
  readonly conditions: readonly Term[];
  /**
   * A further assumption, that mappings add up. It costs solvers much of their time, and proofs do without: an obligation is
   * asked with it only when it cannot be proved otherwise.
   */
  readonly sum: Term;
}

/** The largest order of a folio that is not hugetlb: PUD_ORDER with pages of 4 KiB. */
const LARGEST_ORDER = 18;

/** The assumptions of every query about a state. */
export function assumptions<T extends Topic>(
  { isTruth }: Theory<T>,
  functions: TermFunctions<T>,
  { given = [], parts }: Invariant<T>,
): readonly Term[] {
  const { before, limits } = functions;
  return [
    isFolioSize(functions),
    isTruth(TERMS, before, limits),
    ...given.map(({ holds }) => holds(TERMS, before, limits)),
    ...parts.map(({ holds }) => holds(TERMS, before, limits)),
  ];
}

/** Orders of large folios, as far as one complete mapping fits a slot: the kernel asserts that. */
function isFolioSize({ order, nrPages, limits }: Pick<TermFunctions, "order" | "nrPages" | "limits">): Term {
  const { atMost } = TERMS;
  const isOrder = or(
    ...Array.from({ length: LARGEST_ORDER }, (_, i) => TERMS.equal(order, constant(i + 1, order.width))),
  );
  return and(isOrder, atMost(nrPages, TERMS.constant(limits.slotMax + 1)));
}

/** Every obligation of an invariant. */
export function obligations<T extends Topic>(
  theory: Theory<T>,
  functions: TermFunctions<T>,
  invariant: Invariant<T>,
): readonly Query[] {
  return [
    ...freshQueries(functions, invariant),
    ...theory.operations.flatMap((operation) => stepQueries(theory, functions, invariant, operation)),
    ...claimQueries(theory, functions, invariant),
  ];
}

/** Base case: prep_compound_head() makes a folio that satisfies the invariant, for any earlier content of the memory. */
function freshQueries<T extends Topic>(functions: TermFunctions<T>, { parts }: Invariant<T>): readonly Query[] {
  const { fresh, limits } = functions;
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: "fresh folio", to },
    sentence,
    conditions: [isFolioSize(functions), not(goal)],
    sum: TRUE,
  });
  return [
    ...parts.map(({ name, sentence, holds }) => query(name, sentence, holds(TERMS, fresh.state, limits))),
    query("no warning", "No kernel assertion fails", not(fresh.warned)),
  ];
}

function stepQueries<T extends Topic>(
  theory: Theory<T>,
  functions: TermFunctions<T>,
  invariant: Invariant<T>,
  operation: OperationOf<T>,
): readonly Query[] {
  const { limits } = functions;
  const step: TermStep<T> = functions.steps[operation];
  const premise = [...assumptions(theory, functions, invariant), theory.mayBeCalled(TERMS, step)];
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: operation, to },
    sentence,
    conditions: [...premise, not(goal)],
    sum: addsUp(TERMS, functions.before),
  });
  return [
    ...invariant.parts.map(({ name, sentence, holds }) => query(name, sentence, holds(TERMS, step.after, limits))),
    ...theory.stepProperties.map(({ name, sentence, holds }) => {
      const goal = holds(TERMS, step, limits);
      // What WebAssembly stops is no better than what the kernel asserts.
      return query(name, sentence, name === "no warning" ? and(goal, not(step.trapped)) : goal);
    }),
  ];
}

function claimQueries<T extends Topic>(
  theory: Theory<T>,
  functions: TermFunctions<T>,
  invariant: Invariant<T>,
): readonly Query[] {
  const { before, verdict, verdictWarned } = functions;
  const premise = assumptions(theory, functions, invariant);
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: "claim", to },
    sentence,
    conditions: [...premise, not(goal)],
    sum: addsUp(TERMS, functions.before),
  });
  return [
    ...theory.claims.map(({ ids, sentence, holds }) => query(ids.join(" "), sentence, holds(TERMS, before, verdict))),
    query("no warning", "No kernel assertion fails in folio_maybe_mapped_shared()", not(verdictWarned)),
  ];
}

/** Vacuity check: every operation can be called. */
export function callPossibilities<T extends Topic>(
  theory: Theory<T>,
  functions: TermFunctions<T>,
  invariant: Invariant<T>,
): readonly Query[] {
  const premise = assumptions(theory, functions, invariant);
  return theory.operations.map((operation) => ({
    kind: "possible",
    id: { from: "possible", to: `${operation} is called` },
    sentence: "Every operation can be called",
    conditions: [...premise, theory.mayBeCalled(TERMS, functions.steps[operation] as TermStep<T>)],
    sum: addsUp(TERMS, functions.before),
  }));
}

/** Vacuity check: each part of the invariant is needed. */
export function necessities<T extends Topic>(
  theory: Theory<T>,
  functions: TermFunctions<T>,
  invariant: Invariant<T>,
): readonly Query[] {
  return invariant.parts.flatMap(({ name }) => {
    const { from, to } = theory.neededFor[name] ?? {};
    const all = obligations(theory, functions, without(invariant, name));
    const failing = all.find(({ id }) => id.from === from && id.to === to);
    return failing === undefined
      ? []
      : [
          {
            kind: "needed" as const,
            id: { from: "needed" as const, to: name },
            sentence: `Without it, ${from}: ${to} is not proved`,
            conditions: failing.conditions,
            sum: failing.sum,
          },
        ];
  });
}
