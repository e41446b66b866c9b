/** Trace of whole operations: the steps, the picture of a state, and the calls that led to it. */
import type { JSX } from "preact";
import { faultText } from "../picture/fault-text.ts";
import { Calls } from "./calls.tsx";
import { Scrubber } from "./scrubber.tsx";
import { StatePicture } from "./state-picture.tsx";
import { StepLink } from "./step-link.tsx";
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
      <div class="steps">
        <Scrubber
          position={position}
          last={last}
          text={`${position}: ${sentenceAt(trace, position)}`}
          onMove={onStep}
        />
        <h2 class="hidden">Steps</h2>
        <ol>
          {Array.from({ length: last + 1 }, (_, each) => (
            <li key={each}>
              <StepLink step={each} style="step" isCurrent={each === position} onStep={onStep} addressOf={addressOf}>
                <span class="number">{each}</span>
                <span class="step-text">
                  {sentenceAt(trace, each)}
                  {each === 0 ? null : <code>{trace.steps[each - 1]?.call}</code>}
                  {each === last ? <Outcome trace={trace} /> : null}
                </span>
              </StepLink>
            </li>
          ))}
        </ol>
      </div>
      <section class="state">
        <StateOfStep trace={trace} position={position} level="h2" />
      </section>
      <section class="calls">
        <CallsOfStep trace={trace} position={position} isOpen={false} />
      </section>
    </div>
  );
}

function sentenceAt({ steps }: TraceView, position: number): string {
  return position === 0 ? "initial state" : (steps[position - 1]?.sentence ?? "");
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
      {isLast ? <Conclusion trace={trace} /> : null}
      <StatePicture
        trace={trace}
        position={position}
        before={Math.max(position - 1, 0)}
        faults={isLast ? trace.faults : []}
      />
    </>
  );
}

/** Shows what the last state violates or reaches, and where. */
export function Conclusion({ trace }: { readonly trace: TraceView }): JSX.Element | null {
  const { shows, property, claim, warning, faults } = trace;
  if (shows === "neither") {
    return null;
  }
  return (
    <div class={`conclusion ${shows === "violated" ? "bad" : "good"}`}>
      <p>
        <b>
          {shows === "violated" ? "✗" : "✓"} {property}
        </b>{" "}
        {claim}
      </p>
      {warning === undefined ? null : <p>{warning}</p>}
      {faults.length === 0 ? null : (
        <ul>
          {faults.map((fault, i) => (
            <li key={i}>{faultText(fault)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function CallsOfStep({
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
