/** List of findings. A long list has only the rows in view in the document, and a filter. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ContentFinding } from "../content.ts";
import { Badge } from "./badge.tsx";
import { formatRoute } from "./route.ts";

/** Number of findings from which on the list has a filter, and from which on only rows in view are drawn. */
const FILTERED = 12;
const VIRTUAL = 100;
/** Height of a row and of the list, in CSS pixels, as in page.css. */
const ROW = 60;
const HEIGHT = 600;
/** Rows beyond both ends of the view. */
const MARGIN = 6;

/** Finding with its position in the report. */
export interface Numbered {
  readonly finding: ContentFinding;
  readonly position: number;
}

/** Shows findings under a title. */
export function FindingList({
  title,
  findings,
}: {
  readonly title: string;
  readonly findings: readonly Numbered[];
}): JSX.Element {
  const [filter, setFilter] = useState("");
  const shown = useMemo(() => {
    const words = filter
      .toLowerCase()
      .split(" ")
      .filter((word) => word !== "");
    return findings.filter(({ finding: { name, status, claim, facts } }) => {
      const text = [name, status, claim, ...facts.map((fact) => fact.text)].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [findings, filter]);
  return (
    <section>
      <h2>{title}</h2>
      {findings.length < FILTERED ? null : (
        <p class="filter">
          <label>
            Filter <input type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
          </label>{" "}
          <span class="dim" role="status">
            {shown.length} of {findings.length}
          </span>
        </p>
      )}
      {shown.length < VIRTUAL ? (
        <ul class="findings">
          {shown.map((each) => (
            <Row key={each.position} {...each} />
          ))}
        </ul>
      ) : (
        <VirtualList shown={shown} />
      )}
    </section>
  );
}

function VirtualList({ shown }: { readonly shown: readonly Numbered[] }): JSX.Element {
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.floor(top / ROW) - MARGIN);
  const last = Math.min(shown.length, Math.ceil((top + HEIGHT) / ROW) + MARGIN);
  return (
    <section
      class="window"
      aria-label="List in a window"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <svg class="spacer" aria-hidden="true" width="1" height={first * ROW} />
      <ul class="findings">
        {shown.slice(first, last).map((each, i) => (
          <Row key={each.position} {...each} setSize={shown.length} setPosition={first + i + 1} />
        ))}
      </ul>
      <svg class="spacer" aria-hidden="true" width="1" height={(shown.length - last) * ROW} />
    </section>
  );
}

function Row({
  finding,
  position,
  setSize,
  setPosition,
}: Numbered & { readonly setSize?: number; readonly setPosition?: number }): JSX.Element {
  const { name, status, tone, claim, facts, trace } = finding;
  const steps = facts.find((fact) => fact.name === "steps")?.text;
  const what = facts.find((fact) => fact.name === "what")?.text;
  return (
    <li aria-setsize={setSize} aria-posinset={setPosition}>
      <a href={formatRoute({ finding: position })}>
        <span class="finding-name">
          <Badge tone={tone} text={status} /> <b>{name}</b>
        </span>
        <span class="finding-claim">{what ?? claim}</span>
        <span class="finding-steps dim">
          {trace === undefined
            ? "no trace"
            : steps === undefined
              ? "trace"
              : `${steps} step${steps === "1" ? "" : "s"}`}
        </span>
      </a>
    </li>
  );
}
