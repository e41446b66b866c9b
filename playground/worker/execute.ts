/** Executes the path of an exploration under its kernels. */
import { traceContent } from "../../report/html/trace-content.ts";
import { subjectCommand } from "../../verify/job/subject-command.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { type TracedProperty, traceReport } from "../../verify/trace/trace-report.ts";
import { type Exploration, positionOf } from "../address/exploration.ts";
import { fieldChoices } from "../condition/field-choices.ts";
import type { Executed, KernelExecution } from "../protocol/executed.ts";
import { claimStates } from "./claims.ts";
import { jobUnder, type ModelUnder, modelsOf, underRevised } from "./model-under.ts";
import { nextActions } from "./next-actions.ts";
import { isReduction } from "./reductions.ts";
import { type Steps, takeSteps, type Visited } from "./steps.ts";

/** Property of steps that decide none. */
export const POSSIBLE: TracedProperty = {
  id: "playground",
  claim: "These steps are possible",
  source: "docs/playground.md",
};

/**
 * Executes a path.
 *
 * @throws UsageError for an unknown machine, kernel, configuration or bound, or a bound out of range
 */
export function execute(exploration: Exploration): Executed {
  const [first, ...others] = modelsOf(exploration);
  return underRevised(first, (under) => executeUnder([under, ...others], exploration));
}

function executeUnder([first, ...others]: readonly [ModelUnder, ...ModelUnder[]], exploration: Exploration): Executed {
  const run = (under: ModelUnder): Run => ({ under, steps: takeSteps(under, exploration.path) });
  const [firstRun, ...otherRuns] = [run(first), ...others.map(run)] as const;
  // The first kernel may be unable to take every step.
  const position = Math.min(positionOf(exploration), firstRun.steps.calls.length);
  const { job } = first.resolved;
  const inView = [firstRun, ...otherRuns].flatMap(({ under, steps }) => {
    const visited = steps.states[position];
    return visited === undefined ? [] : [{ under, visited, before: steps.states[position - 1] }];
  });
  return {
    bounds: Object.fromEntries(Object.entries(job.bounds).filter(([name]) => !isReduction(job.machine, name))),
    config: job.config,
    command: subjectCommand(jobUnder(exploration, job.kernel, "search").job),
    position,
    kernels: [kernelExecution(firstRun, position), ...otherRuns.map((each) => kernelExecution(each, position))],
    next: nextActions(inView),
    fields: fieldChoices(first.model.schema),
  };
}

/** Re-executes the steps that a kernel takes, and records the functions that run. */
export function traceOfSteps(
  { resolved }: ModelUnder,
  { calls }: Steps,
  property: TracedProperty = POSSIBLE,
): TraceReport {
  return traceReport(resolved, property, 0, calls);
}

interface Run {
  readonly under: ModelUnder;
  readonly steps: Steps;
}

function kernelExecution({ under, steps }: Run, position: number): KernelExecution {
  const { states, obstacle } = steps;
  const last = Math.min(position, states.length - 1);
  return {
    kernel: under.resolved.kernel.name,
    trace: traceContent(traceOfSteps(under, steps), { shows: "neither", also: [], commands: [] }),
    claims: claimStates(under, states[last - 1], states[last] as Visited),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}
