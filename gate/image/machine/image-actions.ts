/** Actions of the machine `image`: an operation alone, or two operations at a time. */
import { type Action, action, type Parameters } from "../../../explore/model/model.ts";
import type { Bounds } from "../../../machines/machine.ts";
import type { ImageContext, ImageState } from "./image-context.ts";
import { operationsOf } from "./image-operations.ts";
import { interleavingActions } from "./interleaving-actions.ts";
import { raceActions } from "./race-actions.ts";

/** An action of the machine `image`. */
export type ImageAction = Action<ImageState, ImageContext>;

/**
 * Returns the actions within the bounds.
 *
 * @param hasLargeFolios if false, faults allocate folios of one page, and there are no splits
 */
export function actionsOf(bounds: Bounds, hasLargeFolios: boolean): readonly ImageAction[] {
  const operations = operationsOf(bounds, hasLargeFolios);
  return [
    ...operations.map(({ name, domains, call }) =>
      action<ImageState, ImageContext, Parameters>(
        name,
        domains,
        (state, context, parameters) => !state.ended && context.take(state, name, call(parameters)),
      ),
    ),
    ...raceActions(bounds, operations),
    ...interleavingActions(bounds, operations),
  ];
}
