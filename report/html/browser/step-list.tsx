/** Steps of a trace, with buttons and a slider that move through them. */
import type { ComponentChildren, JSX } from "preact";
import { Scrubber } from "./scrubber.tsx";
import { StepLink, type StepLinkProps } from "./step-link.tsx";
import type { TraceView } from "./trace-view.ts";

/** Properties of the list. */
export interface StepListProps extends Pick<StepLinkProps, "onStep" | "addressOf"> {
  readonly trace: Pick<TraceView, "steps">;
  /** Position of the state in view. */
  readonly position: number;
  /** Shown with the last step. */
  readonly outcome?: ComponentChildren;
}

/** Shows the list. */
export function StepList({ trace, position, onStep, addressOf, outcome }: StepListProps): JSX.Element {
  const last = trace.steps.length;
  return (
    <div class="steps">
      <Scrubber position={position} last={last} text={`${position}: ${sentenceAt(trace, position)}`} onMove={onStep} />
      <h2 class="hidden">Steps</h2>
      <ol>
        {Array.from({ length: last + 1 }, (_, each) => (
          <li key={each}>
            <StepLink step={each} style="step" isCurrent={each === position} onStep={onStep} addressOf={addressOf}>
              <span class="number">{each}</span>
              <span class="step-text">
                {sentenceAt(trace, each)}
                {each === 0 ? null : <code>{trace.steps[each - 1]?.call}</code>}
                {each === last ? outcome : null}
              </span>
            </StepLink>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Returns the sentence about the step that leads to a position. */
export function sentenceAt({ steps }: Pick<TraceView, "steps">, position: number): string {
  return position === 0 ? "initial state" : (steps[position - 1]?.sentence ?? "");
}
