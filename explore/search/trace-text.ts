/** Traces as text: each step as a call with the fields that it changed. */
import { formatCall } from "../model/action-call.ts";
import type { Trace } from "./trace.ts";

/** A changed field of a state. */
export interface FieldChange {
  /** Path of the field, as in `threads[0].wants`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields in which two states differ. */
export function changesBetween(before: unknown, after: unknown, path: string = ""): readonly FieldChange[] {
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null) {
    return before === after ? [] : [{ path, before, after }];
  }
  const [fields, others] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const inside = (name: string): string =>
    Array.isArray(before) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
  return Object.keys(fields).flatMap((name) => changesBetween(fields[name], others[name], inside(name)));
}

/**
 * An execution, a line for each step:
 *
 *     0  threads[0].wants false → true
 */
export function formatExecution({ initial, steps }: Trace<unknown>): string {
  const states = [initial, ...steps.map(({ state }) => state)];
  const calls = steps.map(({ call }) => formatCall(call));
  const width = Math.max(0, ...calls.map((call) => call.length));
  const lines = calls.map((call, i) => {
    const changes = changesBetween(states[i], states[i + 1]).map(
      ({ path, before, after }) => `${path} ${String(before)} → ${String(after)}`,
    );
    return `${String(i + 1).padStart(4)}  ${call.padEnd(width)}  ${changes.join(", ")}`.trimEnd();
  });
  return [`   0  ${JSON.stringify(initial)}`, ...lines].join("\n");
}
