/** A short text in the colour of its meaning. */
import type { JSX } from "preact";
import type { Tone } from "../content.ts";

/** Shows a verdict or a status. */
export function Badge({ tone, text }: { readonly tone: Tone; readonly text: string }): JSX.Element {
  return <span class={`badge ${tone}`}>{text}</span>;
}
