/** Searches for a state or step as wished, breadth first. */
import { MachineError } from "../../explore/model/errors.ts";
import { assign } from "../../explore/model/json.ts";
import type { Property } from "../../explore/model/model.ts";
import { describeStop } from "../../explore/search/budget.ts";
import { searchRevised } from "../../explore/search/revised.ts";
import type { SearchOptions } from "../../explore/search/search.ts";
import { callsOf } from "../../explore/search/trace.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { Warnings } from "../../model/kernel/warnings.ts";
import { oneOf, UsageError } from "../../verify/request/usage-error.ts";
import type { Setting } from "../address/exploration.ts";
import { shortCall } from "../address/short-call.ts";
import { formatCondition } from "../condition/condition.ts";
import { fieldChoices } from "../condition/field-choices.ts";
import { predicateOf } from "../condition/predicate.ts";
import type { Found, Request, SearchProgress, Wish } from "../protocol/messages.ts";
import { decides } from "./claims.ts";
import { jobUnder, type ModelUnder, modelUnder, underRevised } from "./model-under.ts";
import { takeSteps } from "./steps.ts";

/** Limit on the memory of visited states: more than a tab can have is refused by the browser. */
const MAX_MEMORY_BYTES = 2 ** 30;

/** Position of the wished property in the searched model. */
const WISHED = 0;

/**
 * Searches under the first kernel of a setting.
 *
 * @throws UsageError for a setting that does not exist, an unknown claim or an invalid condition
 * @throws MachineError when the kernel has a fault past which it cannot be executed
 */
export function find(request: FindRequest, onProgress: OnProgress): Found {
  // A condition and fixed calls can name an MM or a folio, for which another one is no substitute.
  const symmetry = request.wish.kind === "claim" && request.setting.calls === undefined;
  try {
    const { found } = search(request, { symmetry, allViolations: false, onProgress });
    if (found !== undefined) {
      return found;
    }
  } catch (error) {
    if (!(error instanceof MachineError)) {
      throw error;
    }
  }
  // The kernel fails in another way before. Past a fault, steps can be impossible, and states have no canonical form.
  const { states, found } = search(request, { symmetry: false, allViolations: true, onProgress });
  return found ?? { outcome: "incomplete", states, reason: "past other violations, some steps cannot be executed" };
}

type FindRequest = Pick<Extract<Request, { readonly kind: "find" }>, "setting" | "steps" | "wish">;

type OnProgress = (progress: SearchProgress) => void;

/** Ways to search. */
interface Way extends Pick<SearchOptions, "symmetry" | "allViolations"> {
  readonly onProgress: OnProgress;
}

/** Searches in one way. There is no answer if other violations prevent one. */
function search(
  { setting, steps, wish }: FindRequest,
  { onProgress, ...way }: Way,
): { readonly states: number; readonly found?: Found } {
  const { definition, job, kernel } = jobUnder(setting, setting.kernel, "search");
  let isFound = false;
  const log = watchedWarnings((code) => {
    const wished = model.properties[WISHED];
    isFound ||= wished?.kind === "warning" && wished.codes.includes(code);
  });
  const whole = wishedModel(definition.build(job.bounds, kernel, job.calls, log), wish, () => {
    isFound = true;
  });
  const model = steps.length === 0 ? whole : startingAt(stateAfter(steps, modelUnder(setting, setting.kernel)), whole);
  const { result, model: searched } = searchRevised(model, {
    ...way,
    budget: { maxMemoryBytes: MAX_MEMORY_BYTES },
    interrupted: () => isFound,
    onProgress: ({ states, depth, frontier, seconds }) => onProgress({ states, depth, frontier, seconds }),
  });
  const { states, violations, stopped, properties } = result;
  const finding = violations.find(({ property }) => property === WISHED);
  if (finding !== undefined) {
    const calls = callsOf(searched, finding.path);
    const refined = searched.refine?.(finding.path.initial, calls);
    const path = [...steps, ...(refined?.calls ?? calls).map(shortCall)];
    const isShortest = refined === undefined;
    return {
      states,
      found: { outcome: "found", path: isShortest ? path : decisive(path, setting, wish), isShortest, states },
    };
  }
  if (stopped !== undefined) {
    return { states, found: { outcome: "incomplete", states, reason: describeStop(stopped) } };
  }
  return properties[WISHED]?.verdict === "holds" ? { states, found: { outcome: "absent", states } } : { states };
}

/** Cuts a path of single accesses after the first step that decides a claim: whole calls can continue beyond it. */
function decisive(path: readonly string[], setting: Setting, wish: Wish): readonly string[] {
  if (wish.kind === "condition") {
    return path;
  }
  return underRevised(modelUnder(setting, setting.kernel), (under) => {
    const { states } = takeSteps(under, path);
    const length = states.findIndex((at, i) => decides(under, wish.id, states[i - 1], at));
    return length < 0 ? path : path.slice(0, length);
  });
}

/** @throws UsageError for steps that the kernel cannot take, and for states that are no states of other models */
function stateAfter(steps: readonly string[], under: ModelUnder): unknown {
  const { name, learned } = under.model;
  if (learned !== undefined) {
    throw new UsageError(`a search of machine ${name} starts in the initial state`);
  }
  const { states, obstacle } = takeSteps(under, steps);
  if (obstacle !== undefined) {
    throw new UsageError(`step ${obstacle.step} before the search is impossible: ${obstacle.message}`);
  }
  return states.at(-1)?.state;
}

/** Returns a model whose only initial state is a given one. */
function startingAt(state: unknown, model: AnyModel): AnyModel {
  return { ...model, initial: [(draft) => assign(model.schema, draft, state)] };
}

/**
 * Restricts a model to the property whose violation is wished. The warnings stay, because recipes raise them.
 *
 * @param report called when the property is violated
 */
function wishedModel(model: AnyModel, wish: Wish, report: () => void): AnyModel {
  const wished = wishedProperty(model, wish, report);
  const warnings = model.properties.filter((each) => each.kind === "warning" && each.id !== wished.id);
  const { refresh, revise, ...rest } = model;
  return {
    ...rest,
    ...(wish.kind === "condition" ? { view: (state) => state } : refresh === undefined ? {} : { refresh }),
    ...(revise === undefined ? {} : { revise: () => wishedModel(revise() as AnyModel, wish, report) }),
    properties: [wished, ...warnings],
  };
}

/** Returns a property that is violated where a condition holds, a claim is violated, or a witness is reached. */
function wishedProperty(model: AnyModel, wish: Wish, report: () => void): Property<unknown> {
  const lacks = (isWished: boolean): boolean => {
    if (isWished) {
      report();
    }
    return !isWished;
  };
  if (wish.kind === "condition") {
    const isWished = predicateOf(wish.condition, fieldChoices(model.schema));
    const text = { id: "condition", claim: formatCondition(wish.condition), source: "" };
    return { ...text, kind: "always", holds: (state) => lacks(isWished(state)) };
  }
  const property = model.properties.find(({ id }) => id === wish.id);
  if (property === undefined) {
    const ids = model.properties.map(({ id }) => id);
    throw new UsageError(`machine ${model.name} has no claim ${wish.id} here; want ${oneOf(ids)}`);
  }
  const { id, claim, source } = property;
  switch (property.kind) {
    case "always":
      return { id, claim, source, kind: "always", holds: (state) => lacks(property.holds(state) === false) };
    case "sometimes":
      return { id, claim, source, kind: "always", holds: (state) => lacks(property.reached(state)) };
    case "always-step": {
      const holds: typeof property.holds = (before, after) => lacks(property.holds(before, after) === false);
      return { id, claim, source, kind: "always-step", holds };
    }
    case "sometimes-step": {
      const holds = (...step: Parameters<typeof property.reached>): boolean => lacks(property.reached(...step));
      return { id, claim, source, kind: "always-step", holds };
    }
    case "warning":
      return property;
  }
}

/** Returns a log that reports each first warning of a step. */
function watchedWarnings(onWarning: (code: number) => void): Warnings {
  let first = 0;
  return Object.defineProperty(new Warnings(), "first", {
    get: () => first,
    set: (code: number) => {
      first = code;
      if (code !== 0) {
        onWarning(code);
      }
    },
  });
}
