/** Lines of the tree beside a place, if the report contains them. */
import { type Context, createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
import type { ContentSource } from "../content.ts";

/** The embedded lines. */
export const SourceContext: Context<readonly ContentSource[]> = createContext<readonly ContentSource[]>([]);

/** Shows the lines from a place on. @param props.place file and line: `mm/rmap.c:1813` */
export function SourceLines({ place }: { readonly place: string }): JSX.Element | null {
  const sources = useContext(SourceContext);
  const colon = place.lastIndexOf(":");
  const [file, line] = [place.slice(0, colon), Number(place.slice(colon + 1))];
  const source = sources.find(
    (each) => each.file === file && each.first <= line && line < each.first + each.lines.length,
  );
  if (source === undefined) {
    return null;
  }
  return (
    <details class="source">
      <summary>source</summary>
      <section
        aria-label={`Source at ${place}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
      >
        <ol start={source.first}>
          {source.lines.map((text, i) => (
            <li key={i} value={source.first + i} class={source.first + i === line ? "at" : ""}>
              <code>{text}</code>
            </li>
          ))}
        </ol>
      </section>
    </details>
  );
}
