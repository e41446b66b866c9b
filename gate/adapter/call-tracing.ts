/** Traces of compiled kernels: which C functions ran, and where they are defined. */
import { type CallNode, callTreeOf } from "../../model/kernel/call-node.ts";
import { type Recording, recording } from "../../model/kernel/recording.ts";
import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { MOST_CALLS, READERS } from "../harness/harness.ts";
import type { ExtractedFunction } from "../unit/translation-unit.ts";
import { functionPlace } from "./call-fault.ts";
import type { CompiledFunctions } from "./compiled-functions.ts";
import { type Instance, instantiate, type Operation } from "./instance.ts";

/** The C functions that one operation ran. */
interface OperationCalls {
  readonly operation: string;
  readonly result: number;
  readonly calls: readonly CallNode[];
  /** Of an operation that was stopped: the function that it was in then. */
  readonly stoppedIn: ExtractedFunction | undefined;
}

/** A call in the log of a module. */
interface LoggedFunction {
  readonly function: ExtractedFunction;
  readonly depth: number;
}

/** A running module that logs its calls. */
interface TracingInstance {
  readonly instance: Instance;
  /** The operations since the last time, in order. */
  readonly take: () => readonly OperationCalls[];
}

/** Starts a module that was compiled to log its calls. */
export function instantiateTracing(kernel: CompiledKernel): TracingInstance {
  const present = loggedFunctions(kernel);
  let taken: OperationCalls[] = [];
  const instance = observed(kernel, (operation, result, log) => {
    const calls = callsIn(log, present);
    const stopped = innermost(calls, log[1] as number);
    taken.push({ operation, result, calls: treeOf(calls, stopped), stoppedIn: stopped?.function });
  });
  return {
    instance: {
      ...instance,
      trap: () => {
        const where = taken.at(-1)?.stoppedIn;
        return { ...instance.trap(), ...(where === undefined ? {} : { in: functionPlace(kernel.unit, where.name) }) };
      },
    },
    take: () => {
      const all = taken;
      taken = [];
      return all;
    },
  };
}

/** The calls in a log. C code that was stopped may have written anything there. */
function callsIn(log: Int32Array, functions: readonly ExtractedFunction[]): LoggedFunction[] {
  const count = Math.max(0, Math.min(log[0] as number, MOST_CALLS));
  return Array.from({ length: count }, (_, i) => 2 + 2 * i).flatMap((at) => {
    const called = functions[log[at] as number];
    return called === undefined ? [] : [{ function: called, depth: log[at + 1] as number }];
  });
}

/** The innermost of `active` nested calls that have not ended, as far as the log has it. */
function innermost(calls: readonly LoggedFunction[], active: number): LoggedFunction | undefined {
  const found = calls.findLast(({ depth }) => depth === active - 1);
  // Later calls are not in the log: only the outermost is certain.
  return calls.length === MOST_CALLS && active > 1 ? undefined : found;
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

/** In the order of their positions in the log. */
function loggedFunctions({ unit }: CompiledKernel): readonly ExtractedFunction[] {
  return unit.functions.filter(({ status }) => status !== "missing");
}

/** Starts a module, and calls `onOperation` after each operation. */
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
  return { ...started, operations: wrapped(started.operations), answers: wrapped(started.answers) };
}

/** A recording that has calls of read-only functions, too. */
interface TracingRecording extends Recording {
  /** Calls of read-only C functions since the last time: each with its result, once. */
  asked(): CallNode[];
}

/** A kernel whose calls are recorded, with the C functions that ran below each call of the model's. */
export function tracingRecording({ kernel }: CompiledFunctions, tracing: TracingInstance): TracingRecording {
  const recorded = recording(kernel);
  return {
    kernel: recorded.kernel,
    take: () => {
      const operations = tracing.take().filter(({ operation }) => !READERS.includes(operation));
      const tree = withOperations(recorded.take(), operations);
      // Functions that the model does not have, or does not record, such as the checks of a folio that is freed.
      return [...tree, ...operations.flatMap(({ calls }) => calls)];
    },
    asked: () => {
      const readers = tracing.take().filter(({ operation }) => READERS.includes(operation));
      const answers = readers.flatMap(({ calls, result }) => calls.map((call) => ({ ...call, result })));
      return [...new Map(answers.map((call) => [JSON.stringify(call), call])).values()];
    },
  };
}

/** Puts operations below the calls that ran them, and takes them out of the list. */
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

/** `__folio_try_share_anon_rmap` and `folio_try_share_anon_rmap_pte` are one function to the model. */
function familyOf(name: string): string {
  return name.replace(/^_+/, "").replace(/_(?:pte|ptes|pmd)$/, "");
}
