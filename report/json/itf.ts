/**
 * Traces in the Informal Trace Format, for viewers of the TLA+ ecosystem.
 *
 * @see https://apalache-mc.org/docs/adr/015adr-trace.html
 */
import type { TraceReport } from "../../verify/report/report.ts";
import { formatSubject } from "../text/subject.ts";

type ItfValue =
  | boolean
  | string
  | { readonly "#bigint": string }
  | readonly ItfValue[]
  | { readonly [name: string]: ItfValue };

/** Value of `action` in the initial state. */
const INITIAL = "init";

/**
 * Formats a trace. The variable `action` is the call that leads to the state; the others are the fields of the state.
 */
export function itf(trace: TraceReport): string {
  const states = [
    { action: INITIAL, state: trace.state },
    ...trace.steps.map(({ call, state }) => ({ action: call, state })),
  ].map(({ action, state }, index) => ({ "#meta": { index }, ...variablesOf(state), action }));
  const document = {
    "#meta": {
      format: "ITF",
      "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
      description: `foliocheck: ${trace.property}: ${trace.claim}`,
      source: formatSubject(trace),
    },
    params: [],
    vars: [...Object.keys(variablesOf(trace.state)), "action"],
    states,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Returns the fields of a state as variables; a state that is no record is the only variable, `state`. */
function variablesOf(state: unknown): { readonly [name: string]: ItfValue } {
  const value = itfValue(state);
  return typeof value === "object" && !Array.isArray(value) && !("#bigint" in value)
    ? (value as { readonly [name: string]: ItfValue })
    : { state: value };
}

function itfValue(value: unknown): ItfValue {
  if (typeof value === "boolean" || typeof value === "string") {
    return value;
  }
  if (typeof value === "number" && Number.isInteger(value)) {
    return { "#bigint": String(value) };
  }
  if (Array.isArray(value)) {
    return value.map(itfValue);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, itfValue(each)]));
  }
  // ITF has neither null nor fractions.
  return String(value);
}
