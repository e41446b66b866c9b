/** Steps of a trace through which the keys ← and →, Home and End move. */
import type { JSX } from "preact";
import { StepList, type StepListProps } from "../../report/html/browser/step-list.tsx";
import { useArrowKeys } from "../../report/html/browser/use-arrow-keys.ts";

/** Shows the steps. */
export function WalkableSteps(props: StepListProps): JSX.Element {
  useArrowKeys(props.position, props.trace.steps.length, props.onStep);
  return <StepList {...props} />;
}
