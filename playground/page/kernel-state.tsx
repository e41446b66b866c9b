/** The state in view under one kernel, with the claims that it violates. */
import type { JSX } from "preact";
import { StatePicture } from "../../report/html/browser/state-picture.tsx";
import type { TraceView } from "../../report/html/browser/trace-view.ts";
import type { KernelExecution } from "../protocol/executed.ts";
import { Remarks } from "./remarks.tsx";

/** Properties of the state. */
export interface KernelStateProps {
  readonly execution: KernelExecution;
  readonly view: TraceView;
  /** Position of the state in view. */
  readonly position: number;
  /** Whether another kernel is beside it. */
  readonly isBeside: boolean;
}

/** Shows the state. */
export function KernelState({ execution, view, position, isBeside }: KernelStateProps): JSX.Element {
  const { kernel, claims } = execution;
  const shown = Math.min(position, view.steps.length);
  return (
    <section class="kernel-state" aria-label={`State under ${kernel}`}>
      {isBeside ? <h3>under {kernel}</h3> : null}
      <Remarks execution={execution} position={position} />
      <StatePicture
        trace={view}
        position={shown}
        before={Math.max(shown - 1, 0)}
        faults={claims.flatMap(({ faults }) => faults)}
      />
    </section>
  );
}
