/**
 * The operations of owner tracking as steps from a state to the next: when they may be called, and what they make of the
 * truth. What they make of the stored values is for the kernel to say.
 */
import type { Logic } from "./logic.ts";
import {
  type Limits,
  MAPPINGS_MAX,
  mappingsOfActor,
  mapsThrice,
  type TrackedMm,
  type TrackedState,
  type Truth,
} from "./tracked-state.ts";

/** `folio_set_large_mapcount()`, `folio_add_return_large_mapcount()`, `folio_sub_return_large_mapcount()`. */
export type OperationName = "set" | "add" | "sub";

export const OPERATIONS: readonly OperationName[] = ["set", "add", "sub"];

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
