/** A running instance of a compiled translation unit: its exchange buffer and its operations. */

import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { BufferField, MOST_CALLS, OPERATIONS, Room } from "../harness/harness.ts";
import { FUEL } from "../module/fuel.ts";
import { enableMemory64 } from "../module/memory64.ts";
import { type WasmGlobal, type WasmMemory, wasm } from "../module/web-assembly.ts";
import type { Trap } from "./call-fault.ts";

/** Calls one kernel function on the folio in the exchange buffer. The harness declares the parameters. */
export type Operation = (...parameters: number[]) => number;

/** The smallest number of pages of a folio that has the field; Infinity if the tree does not have the field. */
export interface FolioRoom {
  readonly pincount: number;
  readonly entireMapcount: number;
}

/** A running module. */
export interface Instance {
  readonly kernel: CompiledKernel;
  readonly exchange: Int32Array;
  /** Length of a struct page in 32-bit words. */
  readonly pageWords: number;
  /**
   * Operations by name of the kernel function; functions that the tree or the configuration does not have are absent. A
   * call that WebAssembly stops returns 0 and sets `BufferField.trapped`.
   */
  readonly operations: Readonly<Record<string, Operation>>;
  /** The read-only operations, without the check for side effects. */
  readonly queries: Readonly<Record<string, Operation>>;
  /** Runs all queries of the folio in the exchange buffer, with one check for side effects at the end. */
  readonly runAllQueries: Operation;
  readonly room: FolioRoom;
  /**
   * Initializes the folio in the exchange buffer as a new large folio; undefined if the tree has no function for that.
   */
  readonly makeFresh: (() => void) | undefined;
  /** Returns the reason why the last stopped call was stopped. */
  readonly trap: () => Trap;
  /** Saves the memory, to be restored after a call that was stopped: a stopped call may have written anywhere. */
  readonly settle: () => void;
  /**
   * The call log of an instrumented module, since it was last cleared: the number of calls, the current depth, then the
   * function's number and the depth of each call.
   */
  readonly callLog: Int32Array | undefined;
  /** Returns the names of the functions of the tree that ran since the start. */
  readonly reached: () => string[];
}

/**
 * Wraps a function so that a WebAssembly trap is caught. The wrapper is compiled from text with exactly the function's
 * parameters: rest parameters would allocate an array per call, and missing arguments are slow to convert.
 */
function stoppableCall(run: Operation, exchange: Int32Array, stopped: (error: unknown) => number): Operation {
  const names = Array.from({ length: run.length }, (_, i) => `p${i}`).join(", ");
  const source = `return (${names}) => {
    try {
      exchange[${BufferField.trapped}] = 0;
      return run(${names});
    } catch (error) {
      return stopped(error);
    }
  };`;
  return new Function("run", "exchange", "stopped", source)(run, exchange, stopped) as Operation;
}

/** Starts a module. */
export function instantiate(kernel: CompiledKernel): Instance {
  enableMemory64();
  const { exports } = new wasm.Instance(kernel.module, {});
  const memory = exports["memory"] as WasmMemory;
  const call = (name: string): number => (exports[name] as () => number)();
  // The module never grows its memory: the view stays valid.
  const exchange = new Int32Array(memory.buffer, call("gate_buffer_address"), BufferField.size);
  const fuel = exports[FUEL] as WasmGlobal;
  const stackPointer = exports["__stack_pointer"] as WasmGlobal;
  const stack = stackPointer.value;
  const bytes = new Uint8Array(memory.buffer);
  const callLog =
    "gate_calls_address" in exports
      ? new Int32Array(memory.buffer, call("gate_calls_address"), 2 + 2 * MOST_CALLS)
      : undefined;
  const hasRun = (): string[] =>
    kernel.unit.functions.flatMap(({ name, status }) =>
      status !== "missing" && call(`ran_${name}`) !== 0 ? [name] : [],
    );
  /** Functions that ran before the memory was restored: the module's own record is lost with its memory. */
  const ranBefore = new Set<string>();
  let snapshot = bytes;
  let trap: Trap = { reason: "trap" };
  /** Handles the exception of a stopped call: restores the memory, and sets `BufferField.trapped`. */
  const stopped = (error: unknown): number => {
    if (!(error instanceof wasm.RuntimeError || error instanceof RangeError)) {
      throw error;
    }
    // Read before any other call, which refuels.
    trap = fuel.value === 0 ? { reason: "iterations" } : { reason: "trap", message: error.message };
    // Of the memory after the call, only the call log is useful.
    const calls = callLog?.slice();
    for (const name of hasRun()) {
      ranBefore.add(name);
    }
    bytes.set(snapshot);
    if (calls !== undefined) {
      callLog?.set(calls);
    }
    stackPointer.value = stack;
    exchange[BufferField.trapped] = 1;
    return 0;
  };
  const stoppable = (run: Operation): Operation => stoppableCall(run, exchange, stopped);
  const exported = (prefix: string): Record<string, Operation> =>
    Object.fromEntries(
      OPERATIONS.flatMap((name) => {
        const operation = exports[prefix + name];
        return typeof operation === "function" ? [[name, stoppable(operation as Operation)]] : [];
      }),
    );
  const roomIn = stoppable(exports["gate_room"] as Operation);
  const least = (bit: number): number => {
    const sizes = [2, 4].filter((nrPages) => {
      exchange[BufferField.nrPages] = nrPages;
      return (roomIn() & bit) !== 0;
    });
    return Math.min(...sizes);
  };
  const room = { pincount: least(Room.pincount), entireMapcount: least(Room.entireMapcount) };
  const settle = (): void => {
    snapshot = bytes.slice();
  };
  settle();
  const makeFresh = exports["gate_fresh"] as Operation | undefined;
  return {
    kernel,
    exchange,
    pageWords: call("gate_page_words"),
    operations: exported("op_"),
    queries: exported("query_"),
    runAllQueries: stoppable(exports["gate_run_all_queries"] as Operation),
    room,
    makeFresh: makeFresh && stoppable(makeFresh),
    trap: () => trap,
    settle,
    callLog,
    reached: () => [...new Set([...ranBefore, ...hasRun()])],
  };
}
