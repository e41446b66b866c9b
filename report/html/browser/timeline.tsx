/** Trace of whole operations: the steps, the picture of a state, and the calls that led to it. */
import type { JSX } from "preact";
import { Conclusion } from "./conclusion.tsx";
import { StatePicture } from "./state-picture.tsx";
import { CallsOfStep } from "./step-calls.tsx";
import { StepList, sentenceAt } from "./step-list.tsx";
import type { TraceView } from "./trace-view.ts";
import { useArrowKeys } from "./use-arrow-keys.ts";

/** Properties of timelines. */
export interface TimelineProps {
  readonly trace: TraceView;
  /** Position of the state in view; the last one if absent. */
  readonly step: number | undefined;
  readonly onStep: (step: number) => void;
  /** Returns the address of a step. */
  readonly addressOf: (step: number) => string;
  /** Whether all steps are shown, one below the other. */
  readonly isPrinted: boolean;
}

/** Shows a trace. */
export function Timeline({ trace, step, onStep, addressOf, isPrinted }: TimelineProps): JSX.Element {
  const last = trace.steps.length;
  const position = Math.min(step ?? last, last);
  useArrowKeys(position, last, onStep);
  if (isPrinted) {
    return (
      <div class="printed">
        {Array.from({ length: last + 1 }, (_, each) => (
          <section key={each} class="printed-step">
            <StateOfStep trace={trace} position={each} level="h2" />
            <CallsOfStep trace={trace} position={each} isOpen={true} />
          </section>
        ))}
      </div>
    );
  }
  return (
    <div class="timeline">
      <StepList
        trace={trace}
        position={position}
        onStep={onStep}
        addressOf={addressOf}
        outcome={<Outcome trace={trace} />}
      />
      <section class="state">
        <StateOfStep trace={trace} position={position} level="h2" />
      </section>
      <section class="calls">
        <CallsOfStep trace={trace} position={position} isOpen={false} />
      </section>
    </div>
  );
}

function Outcome({ trace }: { readonly trace: TraceView }): JSX.Element | null {
  switch (trace.shows) {
    case "violated":
      return <span class="outcome bad">✗ {trace.property} is violated here</span>;
    case "reached":
      return <span class="outcome good">✓ {trace.property} is reached here</span>;
    case "neither":
      return null;
  }
}

function StateOfStep({
  trace,
  position,
  level: Heading,
}: {
  readonly trace: TraceView;
  readonly position: number;
  readonly level: "h2" | "h3";
}): JSX.Element {
  const isLast = position === trace.steps.length;
  return (
    <>
      <Heading class="step-heading" aria-live="polite">
        <span class="number current">{position}</span> {sentenceAt(trace, position)}
      </Heading>
      {isLast ? <Conclusion {...trace} /> : null}
      <StatePicture
        trace={trace}
        position={position}
        before={Math.max(position - 1, 0)}
        faults={isLast ? trace.faults : []}
      />
    </>
  );
}
