/** The claims about states that the invariant implies: those about MM owner tracking alone. */
import { implies, sameTruth } from "./logic.ts";
import type { StateClaim } from "./theory.ts";
import { countsMappings, isTaken, mappingsOf, maps, mapsTwice, neverOvercounts } from "./tracked-state.ts";

export const STATE_CLAIMS: readonly StateClaim[] = [
  {
    // After an overflow as before it: the states include those in which an MM maps more than a slot can count.
    ids: ["C1", "C17"],
    sentence: "A folio that is reported as mapped exclusively is mapped by at most one MM",
    holds: (logic, state, verdict) => implies(logic, logic.not(verdict), logic.not(mapsTwice(logic, state))),
  },
  {
    ids: ["C2"],
    sentence:
      "While at most two MMs mapped the folio at a time since it was last unmapped, and no slot overflowed, it is reported as " +
      "shared exactly when two MMs map it",
    holds: (logic, state, verdict) => implies(logic, state.exact, sameTruth(logic, verdict, mapsTwice(logic, state))),
  },
  {
    ids: ["C3"],
    sentence: "A folio with a single mapping is reported as mapped exclusively",
    holds: (logic, { mappings }, verdict) =>
      implies(logic, logic.equal(mappings, logic.constant(1)), logic.not(verdict)),
  },
  {
    ids: ["C4"],
    sentence: "A folio that is not mapped has exactly the values of a fresh one",
    holds: (logic, { mappings, largeMapcount, slots, shared, locked }) => {
      const { and, not, equal, constant } = logic;
      return implies(
        logic,
        equal(mappings, constant(0)),
        and(
          not(shared),
          not(locked),
          equal(largeMapcount, constant(-1)),
          ...slots.map(({ id, count }) => and(equal(id, constant(0)), equal(count, constant(-1)))),
        ),
      );
    },
  },
  {
    ids: ["C6.large-mapcount"],
    sentence: "The large mapcount is the number of mappings",
    holds: countsMappings,
  },
  {
    ids: ["C8"],
    sentence: "A slot never counts more mappings than its MM has",
    holds: neverOvercounts,
  },
  {
    ids: ["C20"],
    sentence: "An MM that a slot tracks maps the folio, so its id is not free",
    holds: (logic, state) =>
      logic.and(
        ...state.slots.map((slot) =>
          implies(logic, isTaken(logic, slot), maps(logic, mappingsOf(logic, state, slot.id))),
        ),
      ),
  },
];
