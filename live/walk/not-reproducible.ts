import type { ActionCall } from "../../explore/model/model.ts";
import { formatCall } from "../../explore/model/model.ts";

/** An execution that user space cannot take. The message is one line. */
export class NotReproducible extends Error {}

/** The error for a call that user space cannot make happen. @param step its number in the execution, from 0 */
export function notPerformable(call: ActionCall, step: number, why: string): NotReproducible {
  return new NotReproducible(`step ${step + 1}, ${formatCall(call)}, is nothing that user space can do: ${why}`);
}
