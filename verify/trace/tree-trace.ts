/** Traces of C code: the code is not in them. */

import { operationOf } from "../../gate/adapter/machines.ts";
import { allCalls, type CallNode } from "../../model/kernel/call-node.ts";
import type { ReportedCpu } from "../../model/race/reported-state.ts";
import { TREE } from "../job/compiled-job.ts";
import type { TraceReport, TraceReportStep } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { imageCommands } from "./image-commands.ts";
import { isImageTrace } from "./image-trace.ts";

/**
 * Lets a kernel through that the model has.
 *
 * @param kernel name of the kernel that is to execute the trace
 * @throws UsageError when that is the C code of a tree
 */
export function requireModelled(trace: TraceReport, kernel: string): void {
  if (isImageTrace(trace)) {
    const [search, live = "no running kernel"] = imageCommands(trace);
    throw new UsageError(
      `the trace is of whole files of a kernel tree, which are not in it: ${search} finds it again, and ${live} takes its steps`,
    );
  }
  if (kernel === TREE) {
    throw new UsageError(
      `the trace is of the C code of a kernel tree, which is not in it: ${again(trace)}, and --variant v7.1 takes the model's kernel instead`,
    );
  }
}

/** @throws UsageError for a trace that says how C code and model differ: no kernel of the model does */
export function requireClaim(trace: TraceReport): void {
  const operation = operationOf(trace.property);
  if (operation !== undefined) {
    throw new UsageError(`the trace says how ${operation}() of a kernel tree differs from the model: ${again(trace)}`);
  }
}

function again({ config, machine }: TraceReport): string {
  return `foliocheck gate --tree TREE --config ${config} --only ${machine} finds it again`;
}

/** Names of the functions of a tree among calls, each once, in their order. */
export function treeFunctionsIn(calls: readonly CallNode[]): readonly string[] {
  return [...new Set(allCalls(calls).flatMap(({ name, place }) => (place === undefined ? [] : [name])))];
}

/** Those that run in a step. Accesses of C code have a line; those of the model have none. */
export function treeFunctionsOf({ functions, accesses = [] }: TraceReportStep): readonly string[] {
  const accessing = accesses.flatMap((access) => (access.place === undefined ? [] : access.functions));
  return [...new Set([...treeFunctionsIn(functions.flatMap(({ calls }) => calls)), ...accessing])];
}

/**
 * The steps that make up what a trace comes to in the end: the last one; of single accesses, all since no CPU executed
 * anything.
 */
export function lastStepsOf({ steps }: TraceReport): readonly TraceReportStep[] {
  if (steps.every(({ accesses }) => accesses === undefined)) {
    return steps.slice(-1);
  }
  const rest = steps.slice(0, -1).findLastIndex(({ state }) => isAtRest(state));
  return steps.slice(rest + 1);
}

/** Whether no CPU of a reported state executes anything. */
function isAtRest(state: unknown): boolean {
  const { cpus } = state as { readonly cpus: readonly ReportedCpu[] };
  return cpus.every(({ executes }) => executes === "");
}
