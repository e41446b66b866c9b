/** Properties of a single step of owner tracking. */
import { implies, type Logic } from "./logic.ts";
import type { StepProperty } from "./theory.ts";
import { isTaken, type Slot } from "./tracked-state.ts";

/** Whether a slot has the same owner as before. */
function isKept<B, N>(logic: Logic<B, N>, before: Slot<N>, after: Slot<N>): B {
  return logic.and(isTaken(logic, before), logic.equal(before.id, after.id));
}

export const STEP_PROPERTIES: readonly StepProperty[] = [
  {
    name: "no warning",
    claim: "C5",
    sentence: "No kernel assertion fails",
    holds: ({ not }, { warned }) => not(warned),
  },
  {
    name: "result",
    claim: "C6.large-mapcount",
    sentence: "The function returns the number of mappings",
    holds: ({ equal, and }, { result, after }) => (result === undefined ? and() : equal(result, after.mappings)),
  },
  {
    name: "moves",
    claim: "C8",
    sentence: "A slot that keeps its owner changes by as much as the mappings of its owner",
    holds: (logic, { operation, before, after, diff }) => {
      const { and, equal, add, subtract, choose } = logic;
      const actor = before.mms[2].id;
      return and(
        ...([0, 1] as const).map((i) => {
          const { id, count } = before.slots[i];
          const moved = operation === "sub" ? subtract(count, diff) : add(count, diff);
          return implies(
            logic,
            isKept(logic, before.slots[i], after.slots[i]),
            equal(after.slots[i].count, choose(equal(id, actor), moved, count)),
          );
        }),
      );
    },
  },
  {
    name: "takes",
    claim: "C2",
    sentence: "An MM that owns no slot and adds mappings takes a free one, which counts them",
    holds: (logic, { operation, before, after, diff }) => {
      const { and, or, not, equal, subtract, constant } = logic;
      if (operation === "sub") {
        return and();
      }
      const actor = before.mms[2].id;
      const isStranger = and(...before.slots.map(({ id }) => not(equal(id, actor))));
      const isSlotFree = or(...before.slots.map((slot) => not(isTaken(logic, slot))));
      const took = after.slots.map(({ id, count }) => and(equal(id, actor), equal(count, subtract(diff, constant(1)))));
      return implies(logic, and(isStranger, isSlotFree), or(...took));
    },
  },
];
