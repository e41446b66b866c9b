/** Runs of models that make assumptions: again, until none of them fails. */
import { compile } from "./compile.ts";
import { AssumptionFailed } from "./errors.ts";
import type { Model } from "./model.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";

/** A result, and the model that it is about: no assumption of that model failed. */
export interface Revised<M, T> {
  readonly result: T;
  readonly model: M;
}

/** Runs something on a model, and again on the revised model when an assumption of the model fails. */
export function revised<M extends Pick<Model<never, never, never>, "revise">, T>(
  model: M,
  run: (model: M) => T,
): Revised<M, T> {
  for (let current = model; ; ) {
    try {
      return { result: run(current), model: current };
    } catch (error) {
      const next = error instanceof AssumptionFailed ? current.revise?.() : undefined;
      if (next === undefined) {
        throw error;
      }
      current = next as M;
    }
  }
}

/**
 * Visits every state of the model, or as many as the budget allows. When an assumption of the model fails, the search begins
 * again on the revised model.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function searchRevised<S, C, V>(
  model: Model<S, C, V>,
  options: SearchOptions,
): Revised<Model<S, C, V>, SearchResult> {
  return revised(model, (current) => search(compile(current), current === model ? options : withoutResume(options)));
}

/** A checkpoint rests on the assumption that failed. */
function withoutResume({ checkpoint, ...options }: SearchOptions): SearchOptions {
  if (checkpoint === undefined) {
    return options;
  }
  const { resume: _, ...others } = checkpoint;
  return { ...options, checkpoint: others };
}
