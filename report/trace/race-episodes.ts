/**
 * Episodes of a trace of machine race. An episode begins and ends in states in which no CPU executes, so that
 * operations overlap only within an episode.
 */
import { formatCall } from "../../explore/model/action-call.ts";
import type { TraceReportStep } from "../../verify/report/report.ts";
import { cpusOf } from "./race-state.ts";

/** Execution of an operation. Steps are counted from 0. */
export interface OperationExecution {
  readonly cpu: number;
  /** The call with its arguments. */
  readonly call: string;
  readonly first: number;
  /** Its last step; undefined if the trace ends during the operation. */
  readonly last: number | undefined;
}

/** Steps from one state at rest to the next, or to the end of the trace. */
export interface Episode {
  readonly first: number;
  readonly last: number;
  /** Executions in the order of their first steps. */
  readonly executions: readonly OperationExecution[];
  /** Whether operations overlap. */
  readonly overlaps: boolean;
}

/** Splits a trace into episodes. */
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

/** Returns the operation that a CPU executes at a step. */
export function executionAt({ executions }: Episode, cpu: number, step: number): OperationExecution | undefined {
  return executions.find((each) => each.cpu === cpu && each.first <= step && step <= (each.last ?? step));
}
