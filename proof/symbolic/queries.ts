/**
 * The proof as questions to a solver. An obligation is proved when its negation cannot hold. Besides, what must be possible is:
 * else the assumptions contradict each other, and prove everything.
 */
import type { ObligationId } from "../enumerate.ts";
import { type Invariant, type Part, type PartName, without } from "../invariant.ts";
import { mayBeCalled, OPERATIONS, type OperationName, STEP_PROPERTIES } from "../operations.ts";
import { STATE_CLAIMS } from "../state-claims.ts";
import { addsUp, isTaken, isTruth, maps, mapsTwice } from "../tracked-state.ts";
import { and, constant, FALSE, not, or, type Term, TRUE } from "./term.ts";
import { TERMS } from "./terms-logic.ts";
import type { TermFunctions, TermState } from "./tracked-terms.ts";

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
function assumptions(functions: TermFunctions, invariant: Invariant): readonly Term[] {
  const { before, limits } = functions;
  return [
    isFolioSize(functions),
    isTruth(TERMS, before, limits),
    ...invariant.parts.map(({ holds }) => holds(TERMS, before, limits)),
  ];
}

/** Orders of large folios, as far as one complete mapping fits a slot: the kernel asserts that. */
function isFolioSize({ order, nrPages, limits }: TermFunctions): Term {
  const { atMost } = TERMS;
  const isOrder = or(
    ...Array.from({ length: LARGEST_ORDER }, (_, i) => TERMS.equal(order, constant(i + 1, order.width))),
  );
  return and(isOrder, atMost(nrPages, TERMS.constant(limits.slotMax + 1)));
}

/** Every obligation of an invariant. */
export function obligations(functions: TermFunctions, invariant: Invariant): readonly Query[] {
  return [
    ...freshQueries(functions, invariant),
    ...OPERATIONS.flatMap((operation) => stepQueries(functions, invariant, operation)),
    ...claimQueries(functions, invariant),
  ];
}

/** Base case: prep_compound_head() makes a folio that satisfies the invariant, for any earlier content of the memory. */
function freshQueries(functions: TermFunctions, { parts }: Invariant): readonly Query[] {
  const { fresh, limits } = functions;
  const zero = TERMS.constant(0);
  const nobody = { id: zero, mappings: zero };
  const state: TermState = {
    ...fresh,
    mappings: zero,
    mms: [nobody, nobody, nobody],
    others: { mappings: zero, some: FALSE, many: FALSE },
    exact: TRUE,
  };
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: "fresh folio", to },
    sentence,
    conditions: [isFolioSize(functions), not(goal)],
    sum: TRUE,
  });
  return [
    ...parts.map(({ name, sentence, holds }) => query(name, sentence, holds(TERMS, state, limits))),
    query("no warning", "No kernel assertion fails", not(fresh.warned)),
  ];
}

function stepQueries(functions: TermFunctions, invariant: Invariant, operation: OperationName): readonly Query[] {
  const { limits } = functions;
  const step = functions.steps[operation];
  const premise = [...assumptions(functions, invariant), mayBeCalled(TERMS, step)];
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: operation, to },
    sentence,
    conditions: [...premise, not(goal)],
    sum: addsUp(TERMS, functions.before),
  });
  return [
    ...invariant.parts.map(({ name, sentence, holds }) => query(name, sentence, holds(TERMS, step.after, limits))),
    ...STEP_PROPERTIES.map(({ name, sentence, holds }) => {
      const goal = holds(TERMS, step, limits);
      // What WebAssembly stops is no better than what the kernel asserts.
      return query(name, sentence, name === "no warning" ? and(goal, not(step.trapped)) : goal);
    }),
  ];
}

function claimQueries(functions: TermFunctions, invariant: Invariant): readonly Query[] {
  const { before, verdict, verdictWarned } = functions;
  const premise = assumptions(functions, invariant);
  const query = (to: string, sentence: string, goal: Term): Query => ({
    kind: "obligation",
    id: { from: "claim", to },
    sentence,
    conditions: [...premise, not(goal)],
    sum: addsUp(TERMS, functions.before),
  });
  return [
    ...STATE_CLAIMS.map(({ ids, sentence, holds }) => query(ids.join(" "), sentence, holds(TERMS, before, verdict))),
    query("no warning", "No kernel assertion fails in folio_maybe_mapped_shared()", not(verdictWarned)),
  ];
}

/** Situations that the invariant and the assumptions must allow: every role of every MM, and documented imprecision. */
export function possibilities(functions: TermFunctions, invariant: Invariant): readonly Query[] {
  const { before, steps, verdict, limits } = functions;
  const premise = assumptions(functions, invariant);
  const satisfiable = (
    kind: "possible" | "witness",
    to: string,
    sentence: string,
    conditions: readonly Term[],
  ): Query => ({
    kind,
    id: { from: kind, to },
    sentence,
    conditions: [...premise, ...conditions],
    sum: addsUp(TERMS, before),
  });
  const query = (to: string, sentence: string, ...conditions: readonly Term[]): Query =>
    satisfiable("possible", to, sentence, conditions);
  const witness = (to: string, sentence: string, ...conditions: readonly Term[]): Query =>
    satisfiable("witness", to, sentence, conditions);
  const [slot0, slot1] = before.slots;
  const [taken0, taken1] = [isTaken(TERMS, slot0), isTaken(TERMS, slot1)];
  const actor = before.mms[2].id;
  const [acts0, acts1] = [TERMS.equal(actor, slot0.id), TERMS.equal(actor, slot1.id)];
  const { some, many } = before.others;
  const slots = [
    { name: "both slots free", condition: and(not(taken0), not(taken1)), actors: [] },
    { name: "slot 0 taken", condition: and(taken0, not(taken1)), actors: ["owner of slot 0"] },
    { name: "slot 1 taken", condition: and(not(taken0), taken1), actors: ["owner of slot 1"] },
    { name: "both slots taken", condition: and(taken0, taken1), actors: ["owner of slot 0", "owner of slot 1"] },
  ];
  const actors: { readonly [name: string]: Term } = {
    "owner of slot 0": acts0,
    "owner of slot 1": acts1,
    "an MM without a slot": and(not(acts0), not(acts1)),
  };
  const others = [
    { name: "no other MM", condition: not(some) },
    { name: "one other MM", condition: and(some, not(many)) },
    { name: "more other MMs", condition: many },
  ];
  const roles = slots.flatMap((slot) =>
    [...slot.actors, "an MM without a slot"].flatMap((name) =>
      others.map((other) =>
        query(
          `${slot.name}, ${name} acts, ${other.name}`,
          "Every combination of roles occurs",
          slot.condition,
          actors[name] as Term,
          other.condition,
        ),
      ),
    ),
  );
  const { add, sub } = steps;
  const called = (step: typeof add): Term => mayBeCalled(TERMS, step);
  const freed = (step: typeof add): Term => and(acts0, taken0, not(isTaken(TERMS, step.after.slots[0])));
  const counted = TERMS.subtract(slot0.count, sub.diff);
  return [
    ...roles,
    ...OPERATIONS.map((operation) =>
      query(`${operation} is called`, "Every operation can be called", mayBeCalled(TERMS, steps[operation])),
    ),
    witness(
      "W1",
      "An MM that alone maps the folio, twice, and owns no slot: it is reported as shared",
      verdict,
      not(mapsTwice(TERMS, before)),
      maps(TERMS, before.mappings),
    ),
    witness("W2", "A slot underflows", called(sub), freed(sub), not(TERMS.atMost(TERMS.constant(-1), counted))),
    ...(limits.slotMax < 2 ** 31 - 1 ? [witness("W5", "A slot overflows, and is freed", called(add), freed(add))] : []),
  ];
}

/** Without a part of the invariant, an obligation that cannot be proved any more: one for each part. */
const NEEDED_FOR: { readonly [part in PartName]: ObligationId } = {
  sum: { from: "claim", to: "C1 C17" },
  free: { from: "claim", to: "C20" },
  distinct: { from: "sub", to: "less" },
  less: { from: "sub", to: "whole" },
  whole: { from: "claim", to: "C1 C17" },
  exact: { from: "claim", to: "C2" },
};

/** Vacuity check: each part of the invariant is needed. */
export function necessities(functions: TermFunctions, invariant: Invariant): readonly Query[] {
  return invariant.parts.flatMap(({ name }: Part) => {
    const { from, to } = NEEDED_FOR[name];
    const all = obligations(functions, without(invariant, name));
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
