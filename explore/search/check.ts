/** Checks all properties of a model in one search, with readable traces. */

import { interpret } from "../model/interpreter.ts";
import type { Model } from "../model/model.ts";
import { compile } from "./compile.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";
import { callsOf, execute, type Trace } from "./trace.ts";
import { formatExecution } from "./trace-text.ts";

/** The result of a check. */
export type CheckResult<S> =
  /** Every reachable state was visited, and every property is as claimed. */
  | { readonly verdict: "holds"; readonly result: SearchResult }
  /** No execution that violates a property is shorter than the trace. */
  | {
      readonly verdict: "violated";
      /** The property's id; undefined for a deadlock. */
      readonly property: string | undefined;
      readonly trace: Trace<S>;
      readonly result: SearchResult;
    }
  /** Nothing is violated, and these `sometimes` properties are not reached. */
  | { readonly verdict: "unreached"; readonly properties: readonly string[]; readonly result: SearchResult }
  /** A limit ended the search. */
  | { readonly verdict: "incomplete"; readonly result: SearchResult };

/** Explores a model and checks its properties. @throws MachineError for mistakes of the model */
export function check<S, C, V>(model: Model<S, C, V>, options: SearchOptions = {}): CheckResult<S> {
  const result = search(compile(model), options);
  const [violation] = result.violations;
  if (violation !== undefined) {
    const { property, path } = violation;
    const trace = execute(interpret(model), path.initial, callsOf(model, path)) as Trace<S>;
    return { verdict: "violated", property: model.properties[property]?.id, trace, result };
  }
  if (result.outcome !== "exhausted") {
    return { verdict: "incomplete", result };
  }
  const unreached = result.properties.filter(({ verdict }) => verdict === "unreached").map(({ id }) => id);
  return unreached.length > 0 ? { verdict: "unreached", properties: unreached, result } : { verdict: "holds", result };
}

/** Thrown for a model that does not have its claimed properties. */
export class PropertyFailed extends Error {
  override readonly name = "PropertyFailed";
  readonly result: Exclude<CheckResult<unknown>, { verdict: "holds" }>;

  constructor(model: string, result: Exclude<CheckResult<unknown>, { verdict: "holds" }>) {
    super(`${model}: ${failureText(result)}`);
    this.result = result;
  }
}

/** @throws PropertyFailed, with the trace in its message, unless every property of a model is as claimed */
export function assertHolds<S, C, V>(model: Model<S, C, V>, options?: SearchOptions): SearchResult {
  const outcome = check(model, options);
  if (outcome.verdict !== "holds") {
    throw new PropertyFailed(model.name, outcome);
  }
  return outcome.result;
}

function failureText(failure: Exclude<CheckResult<unknown>, { verdict: "holds" }>): string {
  switch (failure.verdict) {
    case "violated": {
      const what = failure.property === undefined ? "no action is enabled" : `"${failure.property}" is violated`;
      return `${what} after ${failure.trace.steps.length} steps\n${formatExecution(failure.trace)}`;
    }
    case "unreached":
      return failure.properties.map((property) => `"${property}" is never reached`).join(", ");
    case "incomplete":
      return `the search ended (${failure.result.stopped}) before all states were visited`;
  }
}
