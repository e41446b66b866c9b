/** Searches of models that make assumptions: again, until none of them fails. */
import { compile } from "./compile.ts";
import { AssumptionFailed } from "./errors.ts";
import type { Model } from "./model.ts";
import { type SearchOptions, type SearchResult, search } from "./search.ts";

/**
 * Visits every state of the model, or as many as the budget allows. When an assumption of the model fails, the search begins
 * again on the revised model: no assumption of the model that the result is about failed.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function searchRevised<S, C, V>(model: Model<S, C, V>, options: SearchOptions): SearchResult {
  for (let current = model; ; ) {
    try {
      return search(compile(current), options);
    } catch (error) {
      const revised = error instanceof AssumptionFailed ? current.revise?.() : undefined;
      if (revised === undefined) {
        throw error;
      }
      current = revised;
    }
  }
}
