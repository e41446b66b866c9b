/** Steps of rmap accounting, executed with numbers. */
import type { AccountedNumbers, NumberStep } from "../check-obligations.ts";
import { NUMBERS } from "../logic.ts";
import type { ExecutedAccounting } from "./executed-accounting.ts";
import { mayCallRmap, RMAP_OPERATIONS, type RmapCall, rmapTruthAfter, trackingOf } from "./rmap-operations.ts";

/** A call with numbers. */
export type NumberCall = RmapCall<boolean, number>;

/** Executes a call. @param mmId id of the MM that acts, if not its id in the state */
export function executedStep(
  { run, tracking }: ExecutedAccounting,
  call: NumberCall,
  mmId: number = call.before.mms[2].id,
): NumberStep<"accounting"> {
  const { operation, before, diff, page, nrPages } = call;
  const { after, changesOthers, warning } = run(operation, before, page, diff, mmId);
  return {
    ...call,
    after: { ...after, ...rmapTruthAfter(NUMBERS, call, tracking.limits) },
    tracked: tracking.run(trackingOf(operation), before, nrPages, diff, mmId).after,
    changesOthers,
    warned: warning !== undefined,
    warning,
  };
}

/** Executes every operation that may be called in a state: PTEs of the last pages. */
export function* accountedSteps(
  functions: ExecutedAccounting,
  before: AccountedNumbers,
): Generator<NumberStep<"accounting">> {
  const { nrPages } = before;
  for (const operation of RMAP_OPERATIONS) {
    for (let diff = 1; diff <= nrPages; diff++) {
      const isOfPmd = operation === "add-pmd" || operation === "remove-pmd";
      const call = { operation, before, diff, page: isOfPmd ? 0 : nrPages - diff, nrPages };
      if (mayCallRmap(NUMBERS, call)) {
        yield executedStep(functions, call);
      }
    }
  }
}
