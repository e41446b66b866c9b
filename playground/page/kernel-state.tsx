/** The state in view under one kernel, with the claims that it violates. */
import type { JSX } from "preact";
import { Conclusion } from "../../report/html/browser/conclusion.tsx";
import { StatePicture } from "../../report/html/browser/state-picture.tsx";
import type { TraceView } from "../../report/html/browser/trace-view.ts";
import type { KernelExecution } from "../protocol/executed.ts";

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
  const { kernel, claims, obstacle } = execution;
  const shown = Math.min(position, view.steps.length);
  const violated = claims.filter(({ value }) => value === "violated");
  return (
    <section class="kernel-state" aria-label={`State under ${kernel}`}>
      {isBeside ? <h3>under {kernel}</h3> : null}
      {obstacle === undefined || position < obstacle.step - 1 ? null : (
        <p class="remark">
          Step {obstacle.step} of the address is impossible under {kernel}: {obstacle.message}.
          {position < obstacle.step ? "" : " This is the state before it."}
        </p>
      )}
      {violated.map(({ id, claim, warning, faults }) => (
        <Conclusion
          key={id}
          shows="violated"
          property={id}
          claim={claim}
          faults={faults}
          {...(warning === undefined ? {} : { warning })}
        />
      ))}
      <StatePicture
        trace={view}
        position={shown}
        before={Math.max(shown - 1, 0)}
        faults={violated.flatMap(({ faults }) => faults)}
      />
    </section>
  );
}
