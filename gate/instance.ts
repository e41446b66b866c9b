/** A compiled unit that runs: its mailbox and its operations. */
import type { CompiledKernel } from "./compiled-kernel.ts";
import { Box, MOST_CALLS, OPERATIONS, Room } from "./driver.ts";
import { enableMemory64 } from "./memory64.ts";
import "./web-assembly.ts";

/** Calls one kernel function on the folio in the mailbox. Arguments are as the driver declares them. */
export type Operation = (...parameters: number[]) => number;

/** The fewest pages of a folio that has room for a field; Infinity for a field that the tree does not have. */
export interface FolioRoom {
  readonly pincount: number;
  readonly entireMapcount: number;
}

/** A running module. */
export interface Instance {
  readonly kernel: CompiledKernel;
  readonly box: Int32Array;
  /** Length of a struct page in 32-bit words. */
  readonly pageWords: number;
  /** By name of the kernel function; a function that the tree or the configuration does not have is absent. */
  readonly operations: Readonly<Record<string, Operation>>;
  readonly room: FolioRoom;
  /** Makes a new large folio of the one in the mailbox; absent when the tree has no function for that. */
  readonly makeFresh: (() => void) | undefined;
  /** For an instrumented module, the calls since it was last set to 0: their number, the depth, then position and depth of each. */
  readonly callLog: Int32Array | undefined;
  /** Names of the functions of the tree that ran since the start. */
  readonly reached: () => string[];
}

/** Starts a module. */
export function instantiate(kernel: CompiledKernel): Instance {
  enableMemory64();
  const { exports } = new WebAssembly.Instance(kernel.module, {});
  const memory = exports["memory"] as WebAssembly.Memory;
  const call = (name: string): number => (exports[name] as () => number)();
  const operations: Record<string, Operation> = {};
  for (const name of OPERATIONS) {
    const operation = exports[`op_${name}`];
    if (typeof operation === "function") {
      operations[name] = operation as Operation;
    }
  }
  // The module never grows its memory: the view stays good.
  const box = new Int32Array(memory.buffer, call("gate_box_address"), Box.size);
  const least = (bit: number): number => {
    const sizes = [2, 4].filter((nrPages) => {
      box[Box.nrPages] = nrPages;
      return (call("gate_room") & bit) !== 0;
    });
    return Math.min(...sizes);
  };
  const room = { pincount: least(Room.pincount), entireMapcount: least(Room.entireMapcount) };
  const makeFresh = exports["gate_fresh"] as (() => void) | undefined;
  const callLog =
    "gate_calls_address" in exports
      ? new Int32Array(memory.buffer, call("gate_calls_address"), 2 + 2 * MOST_CALLS)
      : undefined;
  const reached = (): string[] =>
    kernel.unit.functions.flatMap(({ name, status }) =>
      status !== "missing" && call(`ran_${name}`) !== 0 ? [name] : [],
    );
  return { kernel, box, pageWords: call("gate_page_words"), operations, room, makeFresh, callLog, reached };
}
