/** Short form of calls for addresses: `fork(0,1)` for `fork(parent: 0, child: 1)`. */
import type { ActionCall, ParameterValue } from "../../explore/model/action-call.ts";

/** Formats a call in its short form. */
export function shortCall({ action, parameters }: ActionCall): string {
  return `${action}(${Object.values(parameters).map(valueText).join(",")})`;
}

function valueText(value: ParameterValue): string {
  return typeof value === "object" ? Object.values(value).join(":") : String(value);
}
