/** Converts the C function calls of a step of an mm image to calls of a trace. */
import type { CallTree, FunctionCall } from "../../gate/image/module/call-tree.ts";
import { type CallNode, callTreeOf, type LoggedCall, type StepCalls } from "../../model/kernel/call-node.ts";

/** Largest number of reported calls of one operation; the fork of a process makes about 200. */
const MOST_CALLS = 400;

/** Returns the calls of the operations of a step. */
export function imageCalls(operations: readonly CallTree[]): StepCalls {
  const reported = operations.map(({ calls }): readonly CallNode[] =>
    callTreeOf(calls.flatMap((call) => logged(call, 0)).slice(0, MOST_CALLS)),
  );
  const leftOut = operations.reduce((sum, { calls }) => sum + Math.max(0, sizeOf(calls) - MOST_CALLS), 0);
  return {
    calls: reported.flat(),
    ...(leftOut === 0 ? {} : { leftOut }),
    ...(operations.some(({ isCut }) => isCut) ? { isCut: true } : {}),
  };
}

/** Lists a call and its callees in call order. */
function logged(
  { function: called, cpu = 0, calls, isContinued, isInterrupted, isStopped }: FunctionCall,
  depth: number,
): LoggedCall[] {
  const node: LoggedCall["node"] = {
    ...(called === undefined
      ? { kind: "cpu", name: String(cpu) }
      : { kind: "function", name: called.name, place: { file: called.file, line: called.line } }),
    args: [],
    ...(isContinued ? { isContinued } : {}),
    ...(isInterrupted ? { isInterrupted } : {}),
    ...(isStopped ? { isStopped } : {}),
  };
  return [{ node, depth }, ...calls.flatMap((call) => logged(call, depth + 1))];
}

function sizeOf(calls: readonly FunctionCall[]): number {
  return calls.reduce((sum, call) => sum + 1 + sizeOf(call.calls), 0);
}
