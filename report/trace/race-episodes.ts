/**
 * A trace of the race machine in episodes. An episode begins and ends while no CPU executes anything, so that
 * operations overlap within one only.
 */
import { formatCall } from "../../explore/model/action-call.ts";
import type { TraceReportStep } from "../../verify/report/report.ts";
import { cpusOf } from "./race-state.ts";

/** An operation that is executed. Steps are counted from 0. */
export interface OperationExecution {
  readonly cpu: number;
  /** The call with its arguments. */
  readonly call: string;
  readonly first: number;
  /** Its last step; undefined when the trace ends before it does. */
  readonly last: number | undefined;
}

/** Steps from one state at rest to the next, or to the end of the trace. */
export interface Episode {
  readonly first: number;
  readonly last: number;
  /** In the order in which they begin. */
  readonly executions: readonly OperationExecution[];
  /** Whether several operations are executed at one time. */
  readonly overlaps: boolean;
}

/** The episodes of a trace. */
export function episodesOf(steps: readonly TraceReportStep[]): Episode[] {
  const episodes: Episode[] = [];
  let first = 0;
  let executions: OperationExecution[] = [];
  let overlaps = false;
  for (const [i, step] of steps.entries()) {
    const { action, parameters, state } = step;
    if (action !== "step" && action !== "drain") {
      const { cpu, ...others } = parameters;
      const isBusy = executions.some(({ last }) => last === undefined);
      overlaps ||= isBusy;
      const call = formatCall({ action, parameters: others });
      executions = [...executions, { cpu: Number(cpu), call, first: i, last: undefined }];
    }
    const cpus = cpusOf(state);
    executions = executions.map((each) =>
      each.last === undefined && cpus[each.cpu]?.executes === "" ? { ...each, last: i } : each,
    );
    const isAtRest = cpus.every(({ executes }) => executes === "");
    if (isAtRest || i === steps.length - 1) {
      episodes.push({ first, last: i, executions, overlaps });
      first = i + 1;
      executions = [];
      overlaps = false;
    }
  }
  return episodes;
}

/** The operation that a CPU executes at a step. */
export function executionAt({ executions }: Episode, cpu: number, step: number): OperationExecution | undefined {
  return executions.find((each) => each.cpu === cpu && each.first <= step && step <= (each.last ?? step));
}
