/** A compiled unit that runs: its exchange buffer and its operations. */

import type { CompiledKernel } from "../compile/compiled-kernel.ts";
import { BufferField, MOST_CALLS, OPERATIONS, Room } from "../harness/harness.ts";
import { FUEL } from "../module/fuel.ts";
import { enableMemory64 } from "../module/memory64.ts";
import { type WasmGlobal, type WasmMemory, wasm } from "../module/web-assembly.ts";
import type { Trap } from "./call-fault.ts";

/** Calls one kernel function on the folio in the exchange buffer. Arguments are as the driver declares them. */
export type Operation = (...parameters: number[]) => number;

/** The fewest pages of a folio that has room for a field; Infinity for a field that the tree does not have. */
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
   * By name of the kernel function; a function that the tree or the configuration does not have is absent. A call that
   * WebAssembly stops returns 0, and `BufferField.trapped` is set.
   */
  readonly operations: Readonly<Record<string, Operation>>;
  /** The operations that only ask, without a look at what else they did. */
  readonly answers: Readonly<Record<string, Operation>>;
  /** Asks all that can be asked of the folio in the exchange buffer, and looks once at what else that did. */
  readonly askEverything: Operation;
  readonly room: FolioRoom;
  /** Makes a new large folio of the one in the exchange buffer; absent when the tree has no function for that. */
  readonly makeFresh: (() => void) | undefined;
  /** Why the last call that was stopped was. */
  readonly trap: () => Trap;
  /** Makes the memory as it is now the one that a call finds after one that was stopped: that may have written anywhere. */
  readonly settle: () => void;
  /** For an instrumented module, the calls since it was last set to 0: their number, the depth, then position and depth of each. */
  readonly callLog: Int32Array | undefined;
  /** Names of the functions of the tree that ran since the start. */
  readonly reached: () => string[];
}

/**
 * A call that may be stopped. Made from text, with as many parameters as the function has: rest parameters would take an array
 * for every call, and those that are not given are slow to convert.
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
  // The module never grows its memory: the view stays good.
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
  /** What ran before a call that was stopped: the module's own notes go with its memory. */
  const ranBefore = new Set<string>();
  let settled = bytes;
  let trap: Trap = { reason: "trap" };
  /** Takes what ends a call from outside as one more thing that a call can do. */
  const stopped = (error: unknown): number => {
    if (!(error instanceof wasm.RuntimeError || error instanceof RangeError)) {
      throw error;
    }
    // Before anything else is called: that fills the tank.
    trap = fuel.value === 0 ? { reason: "iterations" } : { reason: "trap", message: error.message };
    // Of what the call left, only the way that it took is of any use.
    const calls = callLog?.slice();
    for (const name of hasRun()) {
      ranBefore.add(name);
    }
    bytes.set(settled);
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
    settled = bytes.slice();
  };
  settle();
  const makeFresh = exports["gate_fresh"] as Operation | undefined;
  return {
    kernel,
    exchange,
    pageWords: call("gate_page_words"),
    operations: exported("op_"),
    answers: exported("ask_"),
    askEverything: stoppable(exports["gate_ask_everything"] as Operation),
    room,
    makeFresh: makeFresh && stoppable(makeFresh),
    trap: () => trap,
    settle,
    callLog,
    reached: () => [...new Set([...ranBefore, ...hasRun()])],
  };
}
