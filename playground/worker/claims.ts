/** Values of claims in one state. */
import { isWitness } from "../../explore/model/machine.ts";
import type { Fault } from "../../invariants/fault.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { diagnosticText } from "../../report/text/diagnostic.ts";
import { diagnosticOf } from "../../verify/trace/execution.ts";
import type { ClaimState, ClaimValue } from "../protocol/executed.ts";
import type { ModelUnder } from "./model-under.ts";
import type { Visited } from "./steps.ts";

/** Evaluates every claim. @param before the state before the step; undefined for the initial state */
export function claimStates(under: ModelUnder, before: Visited | undefined, at: Visited): ClaimState[] {
  const { model, interpreter } = under;
  return model.properties.map((property, index) => {
    const { id, claim, source } = property;
    const value = claimValue(under, index, before, at);
    const isViolated = value === "violated";
    const diagnostic = isViolated && property.kind === "warning" ? diagnosticOf(model, at.warning) : undefined;
    return {
      id,
      claim,
      source,
      value,
      ...(diagnostic === undefined ? {} : { warning: diagnosticText(diagnostic) }),
      faults: isViolated ? (interpreter.faults(index, at.state) as readonly Fault[]) : [],
    };
  });
}

/** Returns the ids of the claims that a state, or the step to it, violates. */
export function violatedBy(under: ModelUnder, before: Visited | undefined, after: Visited): string[] {
  return under.model.properties.flatMap(({ id }, index) =>
    claimValue(under, index, before, after) === "violated" ? [id] : [],
  );
}

/** Whether a state, or the step to it, violates a claim or reaches a witness. */
export function decides(under: ModelUnder, id: string, before: Visited | undefined, at: Visited): boolean {
  const index = under.model.properties.findIndex((property) => property.id === id);
  const value = claimValue(under, index, before, at);
  return value === "violated" || value === "reached";
}

function claimValue(
  { model, interpreter }: ModelUnder,
  index: number,
  before: Visited | undefined,
  at: Visited,
): ClaimValue {
  const property = model.properties[index] as AnyModel["properties"][number];
  if (property.kind === "warning") {
    return at.warning !== undefined && property.codes.includes(at.warning) ? "violated" : "holds";
  }
  const value = interpreter.value(index, before?.state, at.state);
  if (isWitness(property.kind)) {
    return value === true ? "reached" : "not reached";
  }
  return value === undefined ? "premise false" : value ? "holds" : "violated";
}
