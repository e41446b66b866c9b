/** Numbers of yields of operations, in one state at a time. */
import type { ImageInstance } from "../module/image-instance.ts";
import type { ImageCall } from "./image-operations.ts";

/** Counts the yields of operations. */
export class YieldCounts {
  private readonly instance: ImageInstance;
  /** By operation; undefined for one that is not enabled. */
  private readonly counts: Map<ImageCall, number | undefined> = new Map();
  private memory = -1;

  constructor(instance: ImageInstance) {
    this.instance = instance;
  }

  /**
   * Returns the number of yields of an operation that is executed alone; undefined if it is not enabled, or would block.
   *
   * @param memory the state
   */
  of(memory: number, call: ImageCall, kinds: number): number | undefined {
    if (memory !== this.memory) {
      this.memory = memory;
      this.counts.clear();
    }
    if (!this.counts.has(call)) {
      this.instance.load(memory);
      this.counts.set(call, this.instance.yieldsOf(call.operation, call.parameters, kinds));
    }
    return this.counts.get(call);
  }
}
