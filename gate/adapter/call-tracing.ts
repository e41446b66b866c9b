/** Call tracing of compiled kernels: the C functions that ran, with the places of their definitions. */
import { type CallNode, callTreeOf } from "../../model/kernel/call-node.ts";
import { type Recording, recording } from "../../model/kernel/recording.ts";
import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { MOST_CALLS, READERS } from "../harness/harness.ts";
import type { ExtractedFunction } from "../unit/translation-unit.ts";
import { functionPlace } from "./call-fault.ts";
import type { CompiledFunctions } from "./compiled-functions.ts";
import { type Instance, instantiate, type Operation } from "./instance.ts";

/** The C functions that ran during one operation. */
interface OperationCalls {
  readonly operation: string;
  readonly result: number;
  readonly calls: readonly CallNode[];
  /** The function in which a stopped operation was; undefined if the operation returned. */
  readonly stoppedIn: ExtractedFunction | undefined;
}

/** A call in the call log of a module. */
interface LoggedFunction {
  readonly function: ExtractedFunction;
  readonly depth: number;
}

/** A running module with a call log. */
interface TracingInstance {
  readonly instance: Instance;
  /** Returns the operations since the last `take`, in order. */
  readonly take: () => readonly OperationCalls[];
}

/** Starts a module that was compiled with a call log. */
export function instantiateTracing(kernel: CompiledKernel): TracingInstance {
  const present = loggedFunctions(kernel);
  let finished: OperationCalls[] = [];
  const instance = observed(kernel, (operation, result, log) => {
    const calls = callsIn(log, present);
    const stopped = innermost(calls, log[1] as number);
    finished.push({ operation, result, calls: treeOf(calls, stopped), stoppedIn: stopped?.function });
  });
  return {
    instance: {
      ...instance,
      trap: () => {
        const where = finished.at(-1)?.stoppedIn;
        return { ...instance.trap(), ...(where === undefined ? {} : { in: functionPlace(kernel.unit, where.name) }) };
      },
    },
    take: () => {
      const all = finished;
      finished = [];
      return all;
    },
  };
}

/** Decodes a call log. Stopped C code may have overwritten it with arbitrary values. */
function callsIn(log: Int32Array, functions: readonly ExtractedFunction[]): LoggedFunction[] {
  const count = Math.max(0, Math.min(log[0] as number, MOST_CALLS));
  return Array.from({ length: count }, (_, i) => 2 + 2 * i).flatMap((at) => {
    const called = functions[log[at] as number];
    return called === undefined ? [] : [{ function: called, depth: log[at + 1] as number }];
  });
}

/** Returns the innermost of `active` nested calls that have not returned; undefined if the log does not contain it. */
function innermost(calls: readonly LoggedFunction[], active: number): LoggedFunction | undefined {
  const last = calls.findLast(({ depth }) => depth === active - 1);
  // A full log misses later calls: then only the outermost call is certain.
  return calls.length === MOST_CALLS && active > 1 ? undefined : last;
}

function treeOf(calls: readonly LoggedFunction[], stopped: LoggedFunction | undefined): CallNode[] {
  return callTreeOf(
    calls.map((call) => {
      const {
        function: { name, file, line },
        depth,
      } = call;
      return {
        node: {
          kind: "function",
          name,
          args: [],
          place: { file, line },
          ...(call === stopped ? { isStopped: true as const } : {}),
        },
        depth,
      };
    }),
  );
}

/** Returns the functions of the unit; their order gives their numbers in the call log. */
function loggedFunctions({ unit }: CompiledKernel): readonly ExtractedFunction[] {
  return unit.functions.filter(({ status }) => status !== "missing");
}

/** Starts a module and calls `onOperation` after each operation. */
function observed(
  kernel: CompiledKernel,
  onOperation: (operation: string, result: number, log: Int32Array) => void,
): Instance {
  const started = instantiate(kernel);
  const { callLog } = started;
  if (callLog === undefined) {
    throw new Error("the module was not compiled to log its calls");
  }
  const wrap =
    (operation: string, run: Operation): Operation =>
    (...parameters) => {
      const result = run(...parameters);
      onOperation(operation, result, callLog);
      callLog.fill(0, 0, 2);
      return result;
    };
  const wrapped = (operations: Readonly<Record<string, Operation>>): Record<string, Operation> =>
    Object.fromEntries(Object.entries(operations).map(([name, run]) => [name, wrap(name, run)]));
  return { ...started, operations: wrapped(started.operations), queries: wrapped(started.queries) };
}

/** A recording that also has calls of read-only functions. */
interface TracingRecording extends Recording {
  /** Returns the distinct calls of read-only C functions since the last time, with their results. */
  queries(): CallNode[];
}

/** Records the calls of a kernel; below each call of a model function are the C functions that ran. */
export function tracingRecording({ kernel }: CompiledFunctions, tracing: TracingInstance): TracingRecording {
  const recorded = recording(kernel);
  return {
    kernel: recorded.kernel,
    take: () => {
      const operations = tracing.take().filter(({ operation }) => !READERS.includes(operation));
      const tree = withOperations(recorded.take(), operations);
      // The remaining operations have no recorded model function: the checks of a folio on free, for example.
      return [...tree, ...operations.flatMap(({ calls }) => calls)];
    },
    queries: () => {
      const readers = tracing.take().filter(({ operation }) => READERS.includes(operation));
      const queries = readers.flatMap(({ calls, result }) => calls.map((call) => ({ ...call, result })));
      return [...new Map(queries.map((call) => [JSON.stringify(call), call])).values()];
    },
  };
}

/** Moves operations from the list below the model calls that ran them. */
function withOperations(calls: readonly CallNode[], operations: OperationCalls[]): CallNode[] {
  return calls.map((call) => {
    const at =
      call.kind === "function"
        ? operations.findIndex(({ operation }) => familyOf(operation) === familyOf(call.name))
        : -1;
    const own = at < 0 ? [] : operations.splice(at, 1).flatMap((each) => each.calls);
    return { ...call, calls: [...own, ...withOperations(call.calls, operations)] };
  });
}

/**
 * Maps `__folio_try_share_anon_rmap` and `folio_try_share_anon_rmap_pte` to one name: the model has one function for
 * both.
 */
function familyOf(name: string): string {
  return name.replace(/^_+/, "").replace(/_(?:pte|ptes|pmd)$/, "");
}
