/** Remarks on a state: a step that is impossible after it, and the claims that it violates. */
import type { JSX } from "preact";
import { Conclusion } from "../../report/html/browser/conclusion.tsx";
import type { KernelExecution } from "../protocol/executed.ts";

/** Properties of the remarks. */
export interface RemarksProps {
  readonly execution: KernelExecution;
  /** Position of the state in view. */
  readonly position: number;
}

/** Shows the remarks. */
export function Remarks({ execution: { kernel, claims, obstacle }, position }: RemarksProps): JSX.Element {
  return (
    <>
      {obstacle === undefined || position < obstacle.step - 1 ? null : (
        <p class="remark">
          Step {obstacle.step} of the address is impossible under {kernel}: {obstacle.message}.
          {position < obstacle.step ? "" : " This is the state before it."}
        </p>
      )}
      {claims
        .filter(({ value }) => value === "violated")
        .map(({ id, claim, warning, faults }) => (
          <Conclusion
            key={id}
            shows="violated"
            property={id}
            claim={claim}
            faults={faults}
            {...(warning === undefined ? {} : { warning })}
          />
        ))}
    </>
  );
}
