/** Situations that the proof of owner tracking must not rule out: roles of MMs, and imprecision that is documented. */
import { mayBeCalled } from "../operations.ts";
import type { Invariant } from "../theory.ts";
import { addsUp, isTaken, maps, mapsTwice } from "../tracked-state.ts";
import { TRACKING } from "../tracking-theory.ts";
import { assumptions, callPossibilities, type Query } from "./queries.ts";
import { and, not, type Term } from "./term.ts";
import type { TermFunctions } from "./term-functions.ts";
import { TERMS } from "./terms-logic.ts";

/** Situations that the invariant and the assumptions must allow: every role of every MM, and documented imprecision. */
export function possibilities(functions: TermFunctions, invariant: Invariant): readonly Query[] {
  const { before, steps, verdict, limits } = functions;
  const premise = assumptions(TRACKING, functions, invariant);
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
    ...callPossibilities(TRACKING, functions, invariant),
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
