/** The parts of a trace of an image that its execution on a running kernel uses. */
import type { ActionCall } from "../../explore/model/model.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
import type { Bounds } from "../../machines/machine.ts";

/** One step. */
export interface ImageTraceStep extends ActionCall {
  /** State visible to user space after the step; absent if it ends in a fault. */
  readonly visible?: VisibleState;
}

/** The trace. */
export interface ImageTrace {
  readonly bounds: Bounds;
  /** Initial state visible to user space. */
  readonly visible?: VisibleState;
  readonly steps: readonly ImageTraceStep[];
}
