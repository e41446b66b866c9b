/** Faults of C code that show while it runs as a thread: each has a warning code. */
import type { CallFault } from "../adapter/call-fault.ts";

/** Their codes: the first, and how many there can be. Above those of places that warn, and of data races. */
export const THREAD_FAULTS = { first: 5000, count: 100 } as const;

/** The faults of a tree, in the order in which they were found. */
export class ThreadFaults {
  private readonly faults: CallFault[] = [];
  private readonly keys: string[] = [];

  codeOf(fault: CallFault): number {
    const key = JSON.stringify(fault);
    const known = this.keys.indexOf(key);
    const index = known >= 0 ? known : this.keys.push(key) - 1;
    if (index >= THREAD_FAULTS.count) {
      throw new RangeError(`C code has more than ${THREAD_FAULTS.count} faults: ${key}`);
    }
    this.faults[index] = fault;
    return THREAD_FAULTS.first + index;
  }

  /** The fault of a code; undefined for other codes. */
  faultOf(code: number): CallFault | undefined {
    return this.faults[code - THREAD_FAULTS.first];
  }
}
