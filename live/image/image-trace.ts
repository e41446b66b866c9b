/** A trace of an image, as far as it can be taken on a running kernel. */
import type { ActionCall } from "../../explore/model/model.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
import type { Bounds } from "../../machines/machine.ts";

/** One step. */
export interface ImageTraceStep extends ActionCall {
  /** What user space can see after it; absent where it ends in a fault. */
  readonly visible?: VisibleState;
}

/** The trace. */
export interface ImageTrace {
  readonly bounds: Bounds;
  /** What user space can see of the initial state. */
  readonly visible?: VisibleState;
  readonly steps: readonly ImageTraceStep[];
}
