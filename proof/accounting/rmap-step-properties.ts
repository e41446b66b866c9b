/** Properties of a single step of rmap accounting. */
import { implies, type Logic, sameTruth } from "../logic.ts";
import type { StepProperty } from "../theory.ts";
import { maps } from "../tracked-state.ts";
import { type AccountedState, hasQueue } from "./accounted-state.ts";
import { isRemoval } from "./rmap-operations.ts";

/** Whether some page of the folio is certainly not mapped, and some page is. */
function isCertainlyPartial<B, N>(logic: Logic<B, N>, { mappings, pmdMappings, nrPages }: AccountedState<B, N>): B {
  const { and, not, atMost } = logic;
  return and(maps(logic, mappings), not(maps(logic, pmdMappings)), not(atMost(nrPages, mappings)));
}

/** Whether the folio is one that is queued for deferred split. */
function canBeQueued<B, N>(logic: Logic<B, N>, { anon, swapcache, nrPages }: AccountedState<B, N>): B {
  return logic.and(anon, logic.not(swapcache), hasQueue(logic, nrPages));
}

export const RMAP_STEP_PROPERTIES: readonly StepProperty<"accounting">[] = [
  {
    name: "no warning",
    claim: "C5",
    sentence: "No kernel assertion fails",
    holds: ({ not }, { warned }) => not(warned),
  },
  {
    name: "tracking",
    claim: "C6.large-mapcount",
    sentence: "Owner tracking changes as by its own function for as many mappings",
    holds: (logic, { after, tracked }) => {
      const { and, equal } = logic;
      return and(
        equal(after.largeMapcount, tracked.largeMapcount),
        ...([0, 1] as const).flatMap((i) => [
          equal(after.slots[i].id, tracked.slots[i].id),
          equal(after.slots[i].count, tracked.slots[i].count),
        ]),
        sameTruth(logic, after.shared, tracked.shared),
        sameTruth(logic, after.locked, tracked.locked),
      );
    },
  },
  {
    name: "others",
    claim: "C12",
    sentence: "No other statistic changes, no spinlock stays held, and the folio stays what it is",
    holds: (logic, { before, after, changesOthers }) => {
      const { and, not } = logic;
      return and(
        not(changesOthers),
        sameTruth(logic, before.anon, after.anon),
        sameTruth(logic, before.swapcache, after.swapcache),
      );
    },
  },
  {
    name: "detects",
    claim: "C14",
    sentence:
      "An anon folio outside of the swap cache, with more than two pages, that has fewer mappings than pages after a removal, " +
      "and none by a PMD, is queued as partially mapped",
    holds: (logic, { operation, after }) => {
      const { and } = logic;
      return isRemoval(operation)
        ? implies(
            logic,
            and(canBeQueued(logic, after), isCertainlyPartial(logic, after)),
            and(after.partiallyMapped, after.queued),
          )
        : and();
    },
  },
  {
    name: "marks only partial ones",
    claim: "C14",
    sentence: "A folio becomes marked as partially mapped, or queued, only when a page of it is certainly not mapped",
    holds: (logic, { operation, before, after }) => {
      const { and, or, not } = logic;
      const marked = or(and(not(before.partiallyMapped), after.partiallyMapped), and(not(before.queued), after.queued));
      return isRemoval(operation)
        ? implies(logic, marked, and(canBeQueued(logic, after), isCertainlyPartial(logic, after)))
        : not(marked);
    },
  },
];
