/** Conclusion from a state: what it violates or reaches, and where. */
import type { JSX } from "preact";
import { faultText } from "../picture/fault-text.ts";
import type { TraceView } from "./trace-view.ts";

/** Properties of a conclusion. */
export type ConclusionProps = Pick<TraceView, "shows" | "property" | "claim" | "warning" | "faults">;

/** Shows a conclusion. */
export function Conclusion({ shows, property, claim, warning, faults }: ConclusionProps): JSX.Element | null {
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
