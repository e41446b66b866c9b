/** The rmap functions as steps from a state to the next: when they may be called, and what they make of the truth. */
import type { Logic } from "../logic.ts";
import { truthAfter } from "../operations.ts";
import { type Limits, MAPPINGS_MAX, mappingsOfActor, maps, type StoredFolio } from "../tracked-state.ts";
import type { AccountedState, AccountedTruth } from "./accounted-state.ts";

/** Adding or removing mappings of PTEs, several at a time, or of a PMD. */
export type RmapOperation = "add-ptes" | "add-pmd" | "remove-ptes" | "remove-pmd";

export const RMAP_OPERATIONS: readonly RmapOperation[] = ["add-ptes", "add-pmd", "remove-ptes", "remove-pmd"];

/** A value for each operation. */
export function stepsOf<S>(stepOf: (operation: RmapOperation) => S): { readonly [operation in RmapOperation]: S } {
  return {
    "add-ptes": stepOf("add-ptes"),
    "add-pmd": stepOf("add-pmd"),
    "remove-ptes": stepOf("remove-ptes"),
    "remove-pmd": stepOf("remove-pmd"),
  };
}

/** The function of owner tracking that an operation calls. */
export function trackingOf(operation: RmapOperation): "add" | "sub" {
  return isRemoval(operation) ? "sub" : "add";
}

export function isRemoval(operation: RmapOperation): boolean {
  return operation === "remove-ptes" || operation === "remove-pmd";
}

export function isOfPmd(operation: RmapOperation): boolean {
  return operation === "add-pmd" || operation === "remove-pmd";
}

/** An operation that is about to be executed. */
export interface RmapCall<B, N> {
  readonly operation: RmapOperation;
  readonly before: AccountedState<B, N>;
  /** Mappings of the acting MM that are added or removed: of a PMD, 1. */
  readonly diff: N;
  /** Position of the first page that they map. */
  readonly page: N;
  readonly nrPages: N;
}

/** An operation that was executed. */
export interface RmapStep<B, N> extends RmapCall<B, N> {
  readonly after: AccountedState<B, N>;
  /** The folio after the function of owner tracking alone. */
  readonly tracked: StoredFolio<B, N>;
  /** Whether anything else changed: another statistic, or a spinlock that stays held. */
  readonly changesOthers: B;
  /** Whether a kernel assertion failed. */
  readonly warned: B;
}

/** Obligations of the caller: the premise of every step. */
export function mayCallRmap<B, N>(logic: Logic<B, N>, { operation, before, diff, page, nrPages }: RmapCall<B, N>): B {
  const { and, atMost, add, subtract, constant, equal } = logic;
  const { mappings, pmdMappings, pmdSized } = before;
  const pages = isOfPmd(operation)
    ? and(pmdSized, equal(diff, constant(1)), equal(page, constant(0)))
    : and(atMost(constant(1), diff), atMost(constant(0), page), atMost(add(page, diff), nrPages));
  switch (operation) {
    case "add-ptes":
    case "add-pmd":
      return and(pages, atMost(add(mappings, diff), constant(MAPPINGS_MAX)));
    case "remove-ptes":
      return and(pages, atMost(diff, mappingsOfActor(logic, before)), atMost(diff, subtract(mappings, pmdMappings)));
    case "remove-pmd":
      return and(pages, maps(logic, mappingsOfActor(logic, before)), maps(logic, pmdMappings));
  }
}

/** The truth after an operation, from that before it. */
export function rmapTruthAfter<B, N>(
  logic: Logic<B, N>,
  { operation, before, diff, nrPages }: RmapCall<B, N>,
  limits: Limits,
): AccountedTruth<B, N> {
  const { add, subtract, constant } = logic;
  const { pmdMappings } = before;
  const one = constant(1);
  return {
    ...truthAfter(logic, { operation: trackingOf(operation), before, diff, nrPages }, limits),
    pmdMappings:
      operation === "add-pmd"
        ? add(pmdMappings, one)
        : operation === "remove-pmd"
          ? subtract(pmdMappings, one)
          : pmdMappings,
  };
}
