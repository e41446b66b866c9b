/** Models of explorations. */
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import type { ActionCall } from "../../explore/model/model.ts";
import { revised } from "../../explore/search/revised.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { modelOf, type ResolvedJob, resolve } from "../../verify/job/job.ts";
import { resolveCalls } from "../../verify/job/race-request.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import type { Setting } from "../address/exploration.ts";
import { shortCall } from "../address/short-call.ts";
import { type Purpose, withReductions } from "./reductions.ts";

/** The model of a setting under one of its kernels. */
export interface ModelUnder {
  readonly resolved: ResolvedJob;
  readonly model: AnyModel;
  readonly interpreter: Interpreter<unknown>;
}

/**
 * Builds the model of single steps under one kernel.
 *
 * @throws UsageError for an unknown machine, kernel, configuration or bound, or a bound out of range
 */
export function modelUnder(setting: Setting, kernel: string): ModelUnder {
  const resolved = jobUnder(setting, kernel, "steps");
  return interpreted(resolved, modelOf(resolved));
}

/** Resolves a setting under one kernel. @throws UsageError as modelUnder() does */
export function jobUnder(setting: Setting, kernel: string, purpose: Purpose): ResolvedJob {
  const { machine, bounds, config, calls } = withReductions(setting, purpose);
  const request = { machine, bounds, config, kernel };
  return calls === undefined ? resolve(request) : resolveCalls(request, calls);
}

function interpreted(resolved: ResolvedJob, model: AnyModel): ModelUnder {
  return { resolved, model, interpreter: interpret(model) as Interpreter<unknown> };
}

/** Calls `run` with a model, and again with the revised model if an assumption of the model fails. */
export function underRevised<T>({ resolved, model }: ModelUnder, run: (under: ModelUnder) => T): T {
  return revised(model, (current) => run(interpreted(resolved, current))).result;
}

/**
 * Builds the model under each kernel of a setting, in the configuration of the first one.
 *
 * @throws UsageError as modelUnder() does, and for two kernels of a machine whose models are revised
 */
export function modelsOf(setting: Setting): readonly [ModelUnder, ...ModelUnder[]] {
  const first = modelUnder(setting, setting.kernel);
  if (setting.against !== undefined && first.model.revise !== undefined) {
    throw new UsageError(
      `machine ${setting.machine} takes steps under one kernel at a time; want no other kernel beside it`,
    );
  }
  const { config } = first.resolved.job;
  return setting.against === undefined ? [first] : [first, modelUnder({ ...setting, config }, setting.against)];
}

/** Returns the call with a short form; undefined if the model has none. */
export function callNamed({ actions }: AnyModel, short: string): ActionCall | undefined {
  for (const { name, choices } of actions) {
    if (short.startsWith(`${name}(`)) {
      const parameters = choices.find((each) => shortCall({ action: name, parameters: each }) === short);
      if (parameters !== undefined) {
        return { action: name, parameters };
      }
    }
  }
  return undefined;
}
