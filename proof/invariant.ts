/**
 * The inductive invariant of MM owner tracking: a fresh folio satisfies it, each operation keeps it, and it implies the
 * claims. T is the number of mappings of the folio, m(X) that of MM X, L the stored large mapcount, and n the stored count of a
 * slot. docs/proof.md has the argument.
 */
import { implies, sameTruth } from "./logic.ts";
import type { Invariant, Part } from "./theory.ts";
import { countsMappings, isTaken, mappingsOf, maps, mapsTwice, neverOvercounts } from "./tracked-state.ts";

const SUM: Part = {
  name: "sum",
  sentence: "The large mapcount is the number of mappings: L + 1 = T",
  holds: countsMappings,
};

const FREE: Part = {
  name: "free",
  sentence: "A free slot has n = -1, a taken one 0 <= n <= MM_ID_MAPCOUNT_MAX; the lock is not held",
  holds: (logic, { slots, locked }, { slotMax }) => {
    const { and, not, equal, atMost, constant } = logic;
    return and(
      not(locked),
      ...slots.map((slot) => {
        const taken = isTaken(logic, slot);
        return and(
          implies(logic, taken, and(atMost(constant(0), slot.count), atMost(slot.count, constant(slotMax)))),
          implies(logic, not(taken), equal(slot.count, constant(-1))),
        );
      }),
    );
  },
};

const DISTINCT: Part = {
  name: "distinct",
  sentence: "Two taken slots track different MMs",
  holds: (logic, { slots: [slot0, slot1] }) =>
    logic.or(logic.not(isTaken(logic, slot0)), logic.not(logic.equal(slot0.id, slot1.id))),
};

const LESS: Part = {
  name: "less",
  sentence: "A taken slot counts at most what its owner maps: n + 1 <= m(owner)",
  holds: neverOvercounts,
};

const WHOLE: Part = {
  name: "whole",
  sentence: "The folio is marked as shared exactly when neither slot counts every mapping: n0 != L and n1 != L",
  holds: (logic, { shared, largeMapcount, slots: [slot0, slot1] }) => {
    const { and, not, equal } = logic;
    const neither = and(not(equal(slot0.count, largeMapcount)), not(equal(slot1.count, largeMapcount)));
    return sameTruth(logic, shared, neither);
  },
};

const WHOLE_WEAK: Part = {
  name: "whole",
  sentence: "A mapped folio that is not marked as shared is mapped by one MM only; one that is marked is mapped",
  holds: (logic, state) => {
    const { and, or, not } = logic;
    return and(
      or(state.shared, not(mapsTwice(logic, state))),
      implies(logic, state.shared, maps(logic, state.mappings)),
    );
  },
};

const EXACT: Part = {
  name: "exact",
  sentence:
    "While the premise of C2 holds, every MM that maps the folio owns a slot, n + 1 = m(owner), and the folio is marked as " +
    "shared exactly when both slots are taken; it holds when T = 0",
  holds: (logic, state) => {
    const { and, or, not, equal, add, constant } = logic;
    const [slot0, slot1] = state.slots;
    const owns = (id: typeof slot0.id) => or(equal(id, slot0.id), equal(id, slot1.id));
    const isExact = and(
      not(state.others.some),
      ...state.mms.map(({ id, mappings }) => implies(logic, maps(logic, mappings), owns(id))),
      ...state.slots.map((slot) =>
        implies(logic, isTaken(logic, slot), equal(add(slot.count, constant(1)), mappingsOf(logic, state, slot.id))),
      ),
      sameTruth(logic, state.shared, and(isTaken(logic, slot0), isTaken(logic, slot1))),
    );
    return and(implies(logic, state.exact, isExact), or(maps(logic, state.mappings), state.exact));
  },
};

/** The invariant. In every release so far, it describes exactly the reachable states. */
export const STRONG: Invariant = { name: "strong", parts: [SUM, FREE, DISTINCT, LESS, WHOLE, EXACT] };

/**
 * For kernels that mark a folio as shared less often than they could and are right all the same. It implies the claims as well,
 * but not that a slot holds the only MM of a folio that is reported as mapped exclusively.
 */
export const WEAK: Invariant = { name: "weak", parts: [SUM, FREE, DISTINCT, LESS, WHOLE_WEAK, EXACT] };
