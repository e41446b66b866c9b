/** Action calls as data, used by traces and error reports. */

/** A parameter's value. It survives a round trip through JSON. */
export type ParameterValue = number | boolean | string | { readonly [name: string]: number };

/** The parameters of one action instance. */
export type Parameters = { readonly [name: string]: ParameterValue };

/** A call of one action. */
export interface ActionCall {
  readonly action: string;
  readonly parameters: Parameters;
}

/** Formats a call as in source code: `fork(parent: 0, child: 1)`. */
export function formatCall(call: ActionCall): string {
  const format = (value: ParameterValue): string =>
    typeof value === "object"
      ? `{${Object.entries(value)
          .map(([name, each]) => `${name}: ${each}`)
          .join(", ")}}`
      : String(value);
  const parameters = Object.entries(call.parameters).map(([name, value]) => `${name}: ${format(value)}`);
  return `${call.action}(${parameters.join(", ")})`;
}
