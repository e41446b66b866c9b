import type { ActionCall } from "../../explore/model/model.ts";
import { formatCall } from "../../explore/model/model.ts";

/** An execution that cannot be performed from user space. The message is one line. */
export class NotReproducible extends Error {}

/**
 * Returns the error for a call that cannot be performed from user space.
 *
 * @param step number of the call in the execution, from 0
 */
export function notPerformable(call: ActionCall, step: number, why: string): NotReproducible {
  return new NotReproducible(`step ${step + 1}, ${formatCall(call)}, cannot be performed from user space: ${why}`);
}
