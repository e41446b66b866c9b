/** The state in view under each kernel; of two kernels, with their differences. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TraceView } from "../../report/html/browser/trace-view.ts";
import type { Executed } from "../protocol/executed.ts";
import { Differences, differencesBetween } from "./differences.tsx";
import { KernelState } from "./kernel-state.tsx";
import { comparedWith, type KernelViews } from "./kernel-views.ts";

/** Meaning of the marks in pictures: what the step changed, or where the kernels differ. */
type Marks = "step" | "kernels";

/** Properties of the states. */
export interface StatesProps {
  readonly executed: Executed;
  readonly views: KernelViews;
}

/** Shows the states. */
export function States({ executed: { kernels, position }, views }: StatesProps): JSX.Element {
  const [marks, setMarks] = useState<Marks>("step");
  const [one, other] = views;
  const second = kernels[1];
  return (
    <>
      {other === undefined || second === undefined ? null : (
        <>
          <fieldset class="marks">
            <legend>Marks show</legend>
            {(["step", "kernels"] as const).map((each) => (
              <label key={each}>
                <input type="radio" name="marks" checked={marks === each} onChange={() => setMarks(each)} />{" "}
                {each === "step" ? "what the step changed" : `where ${second.kernel} differs`}
              </label>
            ))}
          </fieldset>
          <Differences
            kernels={[kernels[0].kernel, second.kernel]}
            differences={differencesBetween(stateAt(one, position), stateAt(other, position))}
          />
        </>
      )}
      <div class="kernel-states">
        {views.map((view, i) => {
          const execution = kernels[i] as Executed["kernels"][number];
          return (
            <KernelState
              key={execution.kernel}
              execution={execution}
              view={marks === "kernels" ? comparedWith(view, one) : view}
              position={position}
              isBeside={views.length > 1}
            />
          );
        })}
      </div>
    </>
  );
}

/** Returns the state at a position; the last one if the kernel cannot take the steps up to there. */
function stateAt({ steps, stateAt: viewAt }: TraceView, position: number): unknown {
  const shown = Math.min(position, steps.length);
  return viewAt(shown, shown).state;
}
