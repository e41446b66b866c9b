/** A compiled unit that runs: its mailbox and its operations. */
import type { CompiledKernel } from "./compiled-kernel.ts";
import { Box, MOST_CALLS, OPERATIONS } from "./driver.ts";
import { enableMemory64 } from "./memory64.ts";
import "./web-assembly.ts";

/** Calls one kernel function on the folio in the mailbox. Arguments are as the driver declares them. */
export type Operation = (...parameters: number[]) => number;

/** A running module. */
export interface Instance {
  readonly kernel: CompiledKernel;
  readonly box: Int32Array;
  /** Length of a struct page in 32-bit words. */
  readonly pageWords: number;
  /** By name of the kernel function; a function that the tree or the configuration does not have is absent. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** For an instrumented module: positions in `functions` of the calls since the last time, with their depth. */
  readonly takeCalls: () => readonly { readonly position: number; readonly depth: number }[];
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
  const log =
    "gate_calls_address" in exports
      ? new Int32Array(memory.buffer, call("gate_calls_address"), 2 + 2 * MOST_CALLS)
      : undefined;
  const takeCalls = (): { position: number; depth: number }[] => {
    if (log === undefined) {
      return [];
    }
    const calls = Array.from({ length: log[0] as number }, (_, i) => ({
      position: log[2 + 2 * i] as number,
      depth: log[3 + 2 * i] as number,
    }));
    log[0] = 0;
    return calls;
  };
  return { kernel, box, pageWords: call("gate_page_words"), operations, takeCalls };
}
