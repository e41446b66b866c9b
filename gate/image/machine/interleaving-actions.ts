/** Races of two or three operations in every order of their steps, up to a number of preemptions. */
import { type Action, action } from "../../../explore/model/model.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import { ANY_PREEMPTIONS } from "../world/image-bounds.ts";
import type { ImageContext, ImageState } from "./image-context.ts";
import type { OperationFamily } from "./operation-family.ts";
import { endsWithRace, racingOperations, yieldsOf } from "./race-actions.ts";
import { MOST_OUTCOMES, type RacingCalls } from "./race-outcomes.ts";

/** Returns the maximum number of preemptions. */
export function preemptionsOf({ preemptions = 0 }: Bounds): number {
  return preemptions === ANY_PREEMPTIONS ? Number.POSITIVE_INFINITY : preemptions;
}

/** Returns the action of these races within the bounds; none without the bound `preemptions`. */
export function interleavingActions(
  bounds: Bounds,
  families: readonly OperationFamily[],
): readonly Action<ImageState, ImageContext>[] {
  const preemptions = preemptionsOf(bounds);
  if (preemptions === 0) {
    return [];
  }
  const ends = endsWithRace(bounds);
  const { kinds } = yieldsOf(bounds);
  const operations = [...racingOperations(families)];
  const racing = new Map(
    selections(operations, bounds["cpus"] ?? 2).map((chosen): [string, RacingCalls] => [
      chosen.map(([text]) => text).join(" | "),
      { calls: chosen.map(([, call]) => call), bounds: { kinds, preemptions } },
    ]),
  );
  return [
    action<ImageState, ImageContext, { operations: string; outcome: number }>(
      "interleave",
      { operations: [...racing.keys()], outcome: range(1, MOST_OUTCOMES) },
      (state, context, { operations: texts, outcome }) =>
        !state.ended && context.interleave(state, racing.get(texts) as RacingCalls, outcome, ends),
      {
        guard: (state, context, texts) =>
          !state.ended && context.canRace(state, racing.get(texts as string) as RacingCalls),
      },
    ),
  ];
}

/** Returns the selections of a number of elements, in which each may occur several times, without regard to order. */
function selections<T>(elements: readonly T[], number: number): readonly (readonly T[])[] {
  return number === 0
    ? [[]]
    : elements.flatMap((first, i) =>
        selections(elements.slice(i), number - 1).map((others): readonly T[] => [first, ...others]),
      );
}
