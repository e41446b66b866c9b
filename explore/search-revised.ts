/** Searches of models that make assumptions: again, until none of them fails. */
import { compile } from "./compile.ts";
import { AssumptionFailed } from "./errors.ts";
import type { Model } from "./model.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";

/** A result, and the model that it is about. */
export interface Revised<S, C, V> {
  readonly result: SearchResult;
  readonly model: Model<S, C, V>;
}

/**
 * Visits every state of the model, or as many as the budget allows. When an assumption of the model fails, the search begins
 * again on the revised model: no assumption of the model that the result is about failed.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function searchRevised<S, C, V>(model: Model<S, C, V>, options: SearchOptions): Revised<S, C, V> {
  try {
    return { result: search(compile(model), options), model };
  } catch (error) {
    const revised = error instanceof AssumptionFailed ? model.revise?.() : undefined;
    if (revised === undefined) {
      throw error;
    }
    return searchRevised(revised as Model<S, C, V>, withoutResume(options));
  }
}

/** A checkpoint rests on the assumption that failed. */
function withoutResume({ checkpoint, ...options }: SearchOptions): SearchOptions {
  if (checkpoint === undefined) {
    return options;
  }
  const { resume: _, ...others } = checkpoint;
  return { ...options, checkpoint: others };
}
