/** Link to a step, which can be copied. */
import type { ComponentChildren, JSX } from "preact";

/** Properties of the link. */
export interface StepLinkProps {
  readonly step: number;
  /** Classes. */
  readonly style: string;
  readonly isCurrent: boolean;
  readonly onStep: (step: number) => void;
  readonly addressOf: (step: number) => string;
  /** Number of the row, by which arrows find it. */
  readonly row?: number;
  readonly children: ComponentChildren;
}

/** Shows the link. A click moves to the step without an entry in the history. */
export function StepLink(props: StepLinkProps): JSX.Element {
  const { step, style, isCurrent, onStep, addressOf, row, children } = props;
  return (
    <a
      class={style}
      href={addressOf(step)}
      data-row={row}
      aria-current={isCurrent ? "step" : undefined}
      onClick={(event) => {
        if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
          event.preventDefault();
          onStep(step);
        }
      }}
    >
      {children}
    </a>
  );
}
