/** Traces of C code. They do not contain the code, so that a replay is restricted. */

import { operationOf } from "../../gate/adapter/machines.ts";
import { allCalls, type CallNode } from "../../model/kernel/call-node.ts";
import type { ReportedCpu } from "../../model/race/reported-state.ts";
import type { TraceReport, TraceReportStep } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { gateCommand } from "./modelled-trace.ts";

/**
 * @throws UsageError for a trace of a difference between C code and model, which no kernel of the model can reproduce
 */
export function requireClaim(trace: TraceReport): void {
  const operation = operationOf(trace.property);
  if (operation !== undefined) {
    throw new UsageError(
      `the trace says how ${operation}() of a kernel tree differs from the model: ${gateCommand(trace)} finds it again`,
    );
  }
}

/** Lists the tree's functions among calls, each once, in call order. */
export function treeFunctionsIn(calls: readonly CallNode[]): readonly string[] {
  return [...new Set(allCalls(calls).flatMap(({ name, place }) => (place === undefined ? [] : [name])))];
}

/** Lists the tree's functions that run in a step. Accesses of C code have a line; those of the model have none. */
export function treeFunctionsOf({ functions, accesses = [] }: TraceReportStep): readonly string[] {
  const accessing = accesses.flatMap((access) => (access.place === undefined ? [] : access.functions));
  return [...new Set([...treeFunctionsIn(functions.flatMap(({ calls }) => calls)), ...accessing])];
}

/** Returns the steps that decide a trace: the last one; for single accesses, all since the last state at rest. */
export function lastStepsOf({ steps }: TraceReport): readonly TraceReportStep[] {
  if (steps.every(({ accesses }) => accesses === undefined)) {
    return steps.slice(-1);
  }
  const rest = steps.slice(0, -1).findLastIndex(({ state }) => isAtRest(state));
  return steps.slice(rest + 1);
}

/** Whether no CPU executes an operation in a reported state. */
function isAtRest(state: unknown): boolean {
  const { cpus } = state as { readonly cpus: readonly ReportedCpu[] };
  return cpus.every(({ executes }) => executes === "");
}
