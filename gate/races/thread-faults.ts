/** Faults of C code that runs as a thread. Each fault gets a warning code. */
import type { CallFault } from "../adapter/call-fault.ts";

/** The range of their codes, above those of warning sites and of data races. */
export const THREAD_FAULTS = { first: 5000, count: 100 } as const;

/** The faults of a tree, in the order of their detection. */
export class ThreadFaults {
  private readonly faults: CallFault[] = [];
  private readonly keys: string[] = [];

  codeOf(fault: CallFault): number {
    const key = JSON.stringify(fault);
    const position = this.keys.indexOf(key);
    const index = position >= 0 ? position : this.keys.push(key) - 1;
    if (index >= THREAD_FAULTS.count) {
      throw new RangeError(`C code has more than ${THREAD_FAULTS.count} faults: ${key}`);
    }
    this.faults[index] = fault;
    return THREAD_FAULTS.first + index;
  }

  /** Returns the fault of a code; undefined for other codes. */
  faultOf(code: number): CallFault | undefined {
    return this.faults[code - THREAD_FAULTS.first];
  }
}
