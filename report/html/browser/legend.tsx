/** Legend of a picture. */
import type { JSX } from "preact";
import type { LegendItem } from "../picture/legend-items.ts";

/** Shows a legend. */
export function Legend({ items }: { readonly items: readonly LegendItem[] }): JSX.Element {
  return (
    <ul class="legend" aria-label="Legend">
      {items.map(({ symbol, text, meaning }) => (
        <li key={meaning}>
          <span class={`symbol ${symbol}`}>{text}</span> {meaning}
        </li>
      ))}
    </ul>
  );
}
