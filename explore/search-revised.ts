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
  for (let current = model; ; ) {
    try {
      return { result: search(compile(current), options), model: current };
    } catch (error) {
      const revised = error instanceof AssumptionFailed ? current.revise?.() : undefined;
      if (revised === undefined) {
        throw error;
      }
      current = revised as Model<S, C, V>;
    }
  }
}
