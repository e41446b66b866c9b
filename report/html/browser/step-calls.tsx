/** Calls of the step that led to a state. */
import type { JSX } from "preact";
import { Calls } from "./calls.tsx";
import type { TraceView } from "./trace-view.ts";

/** Shows the calls, and after the last step those of the claim. @param props.isOpen whether all are unfolded */
export function CallsOfStep({
  trace,
  position,
  isOpen,
}: {
  readonly trace: TraceView;
  readonly position: number;
  readonly isOpen: boolean;
}): JSX.Element | null {
  const lists = trace.callsAt(position);
  const isLast = position === trace.steps.length;
  return (
    <>
      {position === 0 ? null : (
        <>
          <h2>What the kernel ran</h2>
          {lists.every(({ calls }) => calls.length === 0) ? (
            <p class="dim">No function of the kernel was recorded.</p>
          ) : null}
          {lists.map((list, i) => (
            <Calls key={`${position} ${i}`} list={list} isOpen={isOpen} />
          ))}
        </>
      )}
      {isLast && trace.queries.length > 0 ? (
        <>
          <h2>Queries of the claim in this state</h2>
          <Calls list={{ calls: trace.queries }} isOpen={isOpen} />
        </>
      ) : null}
    </>
  );
}
