/**
 * The operations of owner tracking as steps from a state to the next: when they may be called, what they make of the truth, and
 * what must hold of the step itself. What they make of the stored values is for the kernel to say.
 */
import { implies, type Logic } from "./logic.ts";
import {
  isTaken,
  type Limits,
  MAPPINGS_MAX,
  mapsThrice,
  type Slot,
  type TrackedMm,
  type TrackedState,
  type Truth,
} from "./tracked-state.ts";

/** `folio_set_large_mapcount()`, `folio_add_return_large_mapcount()`, `folio_sub_return_large_mapcount()`. */
export type OperationName = "set" | "add" | "sub";

export const OPERATIONS: readonly OperationName[] = ["set", "add", "sub"];

/** The kernel's names. */
export const FUNCTION_OF: { readonly [operation in OperationName]: string } = {
  set: "folio_set_large_mapcount",
  add: "folio_add_return_large_mapcount",
  sub: "folio_sub_return_large_mapcount",
};

/** An operation that is about to be executed: the state, and how many mappings of the acting MM are added or removed. */
export interface Call<B, N> {
  readonly operation: OperationName;
  readonly before: TrackedState<B, N>;
  readonly diff: N;
  /** Pages of the folio. */
  readonly nrPages: N;
}

/** An operation that was executed. */
export interface Step<B, N> extends Call<B, N> {
  readonly after: TrackedState<B, N>;
  /** The returned mapcount; of `set`, which returns nothing, undefined. */
  readonly result: N | undefined;
  /** Whether a kernel assertion failed. */
  readonly warned: B;
}

/** Obligations of the caller: the premise of every step. */
export function mayBeCalled<B, N>(logic: Logic<B, N>, { operation, before, diff, nrPages }: Call<B, N>): B {
  const { and, atMost, add, constant, equal } = logic;
  const size = and(atMost(constant(1), diff), atMost(diff, nrPages));
  switch (operation) {
    case "set":
      // A new folio: nothing maps it.
      return and(size, equal(before.mappings, constant(0)));
    case "add":
      return and(size, atMost(add(before.mappings, diff), constant(MAPPINGS_MAX)));
    case "sub":
      // Only mappings that exist are removed.
      return and(size, atMost(diff, mappingsOfActor(logic, before)));
  }
}

/** Mappings of the acting MM, in whichever role it has them. */
function mappingsOfActor<B, N>(logic: Logic<B, N>, { mms: [owner0, owner1, actor] }: Truth<B, N>): N {
  const { choose, equal } = logic;
  return choose(
    equal(actor.id, owner0.id),
    owner0.mappings,
    choose(equal(actor.id, owner1.id), owner1.mappings, actor.mappings),
  );
}

/** The truth after an operation, from that before it. */
export function truthAfter<B, N>(
  logic: Logic<B, N>,
  { operation, before, diff }: Call<B, N>,
  { slotMax }: Limits,
): Truth<B, N> {
  const { and, or, not, equal, atMost, add, subtract, choose, constant } = logic;
  const { mms, others, exact } = before;
  const [owner0, owner1, actor] = mms;
  const change = (value: N): N => (operation === "sub" ? subtract(value, diff) : add(value, diff));
  const is0 = equal(actor.id, owner0.id);
  const is1 = and(not(is0), equal(actor.id, owner1.id));
  const isNeither = and(not(is0), not(is1));
  const changed = ({ id, mappings }: TrackedMm<N>, acts: B): TrackedMm<N> => ({
    id,
    mappings: choose(acts, change(mappings), mappings),
  });
  const after: Truth<B, N> = {
    mappings: change(before.mappings),
    mms: [changed(owner0, is0), changed(owner1, is1), changed(actor, isNeither)],
    others,
    exact,
  };
  const fits = and(...after.mms.map(({ mappings }) => atMost(mappings, constant(slotMax + 1))));
  const isUnmapped = equal(after.mappings, constant(0));
  return { ...after, exact: or(isUnmapped, and(exact, not(mapsThrice(logic, after)), fits)) };
}

/** A property of a step that is not one of the state after it. */
export interface StepProperty {
  readonly name: "no warning" | "result" | "moves" | "takes";
  readonly claim: string;
  readonly sentence: string;
  readonly holds: <B, N>(logic: Logic<B, N>, step: Step<B, N>, limits: Limits) => B;
}

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
