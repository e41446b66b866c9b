/** Searches of models that make assumptions, repeated until no assumption fails. */

import { AssumptionFailed } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { compile } from "./compile.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";

/** A result and its model: no assumption of that model failed. */
export interface Revised<M, T> {
  readonly result: T;
  readonly model: M;
}

/** Runs `run` on a model, and again on the revised model whenever an assumption of the model fails. */
export function revised<M extends Pick<Model<never, never, never>, "revise" | "isVoid">, T>(
  model: M,
  run: (model: M) => T,
): Revised<M, T> {
  for (let current = model; ; ) {
    try {
      const result = run(current);
      if (current.isVoid?.() !== true) {
        return { result, model: current };
      }
    } catch (error) {
      const hasFailed = error instanceof AssumptionFailed || current.isVoid?.() === true;
      if (!hasFailed || current.revise === undefined) {
        throw error;
      }
    }
    current = current.revise?.() as M;
  }
}

/**
 * Visits every state of the model, within the budget. When an assumption of the model fails, the search restarts on the
 * revised model.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function searchRevised<S, C, V>(
  model: Model<S, C, V>,
  options: SearchOptions,
): Revised<Model<S, C, V>, SearchResult> {
  return revised(model, (current) => search(compile(current), current === model ? options : withoutResume(options)));
}

/** A checkpoint depends on the assumption that failed. */
function withoutResume({ checkpoint, ...options }: SearchOptions): SearchOptions {
  if (checkpoint === undefined) {
    return options;
  }
  const { resume: _, ...others } = checkpoint;
  return { ...options, checkpoint: others };
}
