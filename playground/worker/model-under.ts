/** Models of explorations. */
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import type { ActionCall } from "../../explore/model/model.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { modelOf, type ResolvedJob, resolve } from "../../verify/job/job.ts";
import type { Setting } from "../address/exploration.ts";
import { shortCall } from "../address/short-call.ts";

/** The model of a setting under one of its kernels. */
export interface ModelUnder {
  readonly resolved: ResolvedJob;
  readonly model: AnyModel;
  readonly interpreter: Interpreter<unknown>;
}

/**
 * Builds the model under one kernel.
 *
 * @throws UsageError for an unknown machine, kernel, configuration or bound, or a bound out of range
 */
export function modelUnder({ machine, bounds, config }: Setting, kernel: string): ModelUnder {
  const resolved = resolve({ machine, bounds, config, kernel });
  const model = modelOf(resolved);
  return { resolved, model, interpreter: interpret(model) as Interpreter<unknown> };
}

/**
 * Builds the model under each kernel of a setting, in the configuration of the first one.
 *
 * @throws UsageError as modelUnder() does
 */
export function modelsOf(setting: Setting): readonly [ModelUnder, ...ModelUnder[]] {
  const first = modelUnder(setting, setting.kernel);
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
