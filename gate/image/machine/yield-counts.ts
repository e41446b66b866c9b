/** Numbers of yields of operations, in one state at a time. */
import { BeyondBounds } from "../../../explore/model/errors.ts";
import type { ImageInstance } from "../module/image-instance.ts";
import type { ImageCall } from "./operation-family.ts";

/** The yields of an operation at which the other one runs. */
export interface Yields {
  /** Bits of `enum image_yield_kind`. */
  readonly kinds: number;
  /** Maximum number. An operation that has more ends the search. */
  readonly most: number;
}

/** An operation at one of its yields. */
export interface PreemptedOperation {
  readonly call: ImageCall;
  readonly yields: Yields;
  /** Number of the yield, from 1. */
  readonly yield: number;
}

/** Counts the yields of operations. */
export class YieldCounts {
  private readonly instance: ImageInstance;
  /** By operation. */
  private readonly counts: Map<ImageCall, number> = new Map();
  private memory = -1;

  constructor(instance: ImageInstance) {
    this.instance = instance;
  }

  /**
   * Returns the number of yields of an operation that is executed alone; 0 if it is not enabled, or would block.
   *
   * @param memory the state
   * @throws BeyondBounds for more than within bounds
   */
  of(memory: number, call: ImageCall, { kinds, most }: Yields): number {
    if (memory !== this.memory) {
      this.memory = memory;
      this.counts.clear();
    }
    let count = this.counts.get(call);
    if (count === undefined) {
      this.instance.load(memory);
      count = this.instance.yieldsOf(call.operation, call.parameters, kinds);
      this.counts.set(call, count);
    }
    if (count > most) {
      throw new BeyondBounds(`${call.operation} yields ${count} times, and ${most} times are within bounds`);
    }
    return count;
  }
}
