/** A value; if the step changed it, old → new; if it violates the claim, with the expected value. */
import type { JSX } from "preact";
import type { Fact } from "../picture/fact.ts";

/** Shows a value. */
export function Change({ fact: { now, before, fault } }: { readonly fact: Fact }): JSX.Element {
  const value =
    before === undefined ? (
      <span>{now}</span>
    ) : (
      <span class="change">
        {before} → <b>{now}</b>
      </span>
    );
  return fault === undefined ? (
    value
  ) : (
    <span class="fault">
      ✗ {value} <span class="fault-text">{fault}</span>
    </span>
  );
}
