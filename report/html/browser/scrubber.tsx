/** Buttons and a slider that move through a trace. */
import type { JSX } from "preact";

/** Properties of the scrubber. */
export interface ScrubberProps {
  readonly position: number;
  readonly last: number;
  /** Description of the position, for screen readers. */
  readonly text: string;
  readonly onMove: (position: number) => void;
}

/** Shows the scrubber. */
export function Scrubber({ position, last, text, onMove }: ScrubberProps): JSX.Element {
  return (
    <fieldset class="scrubber" aria-label="Move through the trace">
      <button type="button" aria-label="Previous step" disabled={position === 0} onClick={() => onMove(position - 1)}>
        ←
      </button>
      <input
        type="range"
        aria-label="Step"
        aria-valuetext={text}
        min={0}
        max={last}
        value={position}
        onInput={(event) => onMove(Number(event.currentTarget.value))}
      />
      <button type="button" aria-label="Next step" disabled={position === last} onClick={() => onMove(position + 1)}>
        →
      </button>
    </fieldset>
  );
}
