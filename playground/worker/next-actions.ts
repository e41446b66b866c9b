/** Actions that are enabled in a state, grouped by MM. */
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { mmName } from "../../report/trace/entry.ts";
import { cpusOf } from "../../report/trace/race-state.ts";
import { sentenceOf } from "../../report/trace/sentence.ts";
import { attemptStep } from "../../verify/trace/execution.ts";
import { shortCall } from "../address/short-call.ts";
import type { ActionGroup, NextAction } from "../protocol/executed.ts";
import { violatedBy } from "./claims.ts";
import type { ModelUnder } from "./model-under.ts";
import type { Visited } from "./steps.ts";

/** State in view under one kernel. */
export interface InView {
  readonly under: ModelUnder;
  readonly visited: Visited;
  /** The state before it; absent for the initial state. */
  readonly before: Visited | undefined;
}

/** Title of the actions that belong to no MM. */
const OTHERS = "the kernel itself";

/** Returns the actions that at least one kernel enables. @param inView absent kernels cannot take the steps so far */
export function nextActions([first, ...others]: readonly InView[]): ActionGroup[] {
  if (first === undefined) {
    return [];
  }
  const kernels = [first, ...others];
  const groups = new Map<string, NextAction[]>();
  for (const { name, choices } of first.under.model.actions) {
    for (const parameters of choices) {
      const call = { action: name, parameters };
      const enabling = kernels.filter((each) => attempted(each, call) !== undefined);
      if (enabling.length > 0) {
        const title = groupOf(call);
        groups.set(title, [...(groups.get(title) ?? []), nextAction(call, first, enabling, kernels.length)]);
      }
    }
  }
  return [...groups].map(([title, actions]) => ({ title, actions })).sort(byTitle);
}

function nextAction(call: ActionCall, first: InView, enabling: readonly InView[], kernels: number): NextAction {
  const after = attempted(first, call);
  return {
    call: shortCall(call),
    text: formatCall(call),
    sentence: accessOf(call, first) ?? sentenceOf(withoutCpu(call)) ?? formatCall(call),
    violates: after === undefined ? [] : newlyViolated(first, after),
    ...(enabling.length === kernels ? {} : { onlyUnder: enabling.map(({ under }) => under.resolved.kernel.name) }),
  };
}

/** Returns the next access of a CPU that executes an operation, as text; undefined for all other actions. */
function accessOf({ parameters: { cpu } }: ActionCall, { under: { model }, visited }: InView): string | undefined {
  const at = cpusOf(model.reported?.(visited.state as never))[Number(cpu)];
  return at?.next === undefined ? undefined : `${at.next.text}, in ${at.executes}`;
}

/** Removes the CPU, which the title of the group names. */
function withoutCpu({ action, parameters: { cpu: _, ...parameters } }: ActionCall): ActionCall {
  return { action, parameters };
}

function newlyViolated({ under, before, visited }: InView, after: Visited): string[] {
  const already = violatedBy(under, before, visited);
  return violatedBy(under, visited, after).filter((id) => !already.includes(id));
}

function attempted({ under, visited }: InView, call: ActionCall): Visited | undefined {
  const attempt = attemptStep(under.model, under.interpreter, visited.state, call);
  return attempt.enabled ? attempt : undefined;
}

/** Returns the CPU or the MM that acts. Actions on a folio belong to none, even if they visit one. */
function groupOf({ parameters }: ActionCall): string {
  const { cpu, mm, parent, folio } = parameters;
  if (cpu !== undefined) {
    return `CPU ${cpu}`;
  }
  const acting = folio === undefined ? (mm ?? parent) : undefined;
  return typeof acting === "number" ? mmName(acting) : OTHERS;
}

function byTitle(one: ActionGroup, other: ActionGroup): number {
  return Number(one.title === OTHERS) - Number(other.title === OTHERS) || one.title.localeCompare(other.title);
}
