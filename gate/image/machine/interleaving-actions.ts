/** Races of two operations in every order of their steps, up to a number of preemptions. */
import { type Action, action } from "../../../explore/model/model.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import { ANY_PREEMPTIONS } from "../world/image-bounds.ts";
import type { ImageContext, ImageState } from "./image-context.ts";
import type { OperationFamily } from "./image-operations.ts";
import { endsWithRace, racingOperations, yieldsOf } from "./race-actions.ts";
import { MOST_OUTCOMES, type RacingPair } from "./race-outcomes.ts";

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
  const pairs = new Map(
    operations.flatMap(([text, call], i) =>
      operations
        .slice(i)
        .map(([otherText, other]): [string, RacingPair] => [
          `${text} | ${otherText}`,
          { calls: [call, other], bounds: { kinds, preemptions } },
        ]),
    ),
  );
  return [
    action<ImageState, ImageContext, { pair: string; outcome: number }>(
      "interleave",
      { pair: [...pairs.keys()], outcome: range(1, MOST_OUTCOMES) },
      (state, context, { pair, outcome }) =>
        !state.ended && context.interleave(state, pairs.get(pair) as RacingPair, outcome, ends),
      {
        guard: (state, context, pair) =>
          !state.ended && context.canRace(state, pairs.get(pair as string) as RacingPair),
      },
    ),
  ];
}
