/** One finding: the claim, the command that reproduces it, and its trace. */
import type { JSX } from "preact";
import type { Content, ContentFinding } from "../content.ts";
import { Badge } from "./badge.tsx";
import { Command } from "./command.tsx";
import { RaceTimeline } from "./race-timeline.tsx";
import { formatRoute } from "./route.ts";
import { SourceContext } from "./source-lines.tsx";
import { Timeline } from "./timeline.tsx";
import type { TraceView } from "./trace-view.ts";

/** Most characters of a cause that is the heading. */
const LONGEST_HEADING = 160;

/** Properties of the page. */
export interface FindingPageProps {
  readonly content: Content;
  readonly finding: ContentFinding;
  readonly position: number;
  readonly trace: TraceView | undefined;
  /** Position of the state in view; the last one if absent. */
  readonly step: number | undefined;
  readonly onStep: (step: number) => void;
  readonly isPrinted: boolean;
}

/** Shows a finding. */
export function FindingPage(props: FindingPageProps): JSX.Element {
  const { content, finding, position, trace } = props;
  const { name, status, tone, claim, facts } = finding;
  const source = facts.find((fact) => fact.name === "source")?.text ?? trace?.source;
  const timeline = {
    step: props.step,
    onStep: props.onStep,
    addressOf: (step: number): string => formatRoute({ finding: position, step }),
    isPrinted: props.isPrinted,
  };
  const cause = facts.find((fact) => fact.name === "what")?.text;
  // A long list of differences is no heading.
  const isLong = (cause ?? "").length > LONGEST_HEADING;
  const what = isLong ? undefined : cause;
  const others = facts.filter((fact) => !["source", "steps", ...(isLong ? [] : ["what"])].includes(fact.name));
  return (
    <>
      <header class="finding-header">
        <nav aria-label="Findings">
          <a href="#report">← {content.title}</a>
          <span class="dim">
            finding {position + 1} of {content.findings.length}
          </span>
          {position > 0 ? <a href={formatRoute({ finding: position - 1 })}>previous</a> : null}
          {position + 1 < content.findings.length ? <a href={formatRoute({ finding: position + 1 })}>next</a> : null}
        </nav>
        <p class="status">
          <Badge tone={tone} text={`${tone === "bad" ? "✗ " : ""}${status}`} /> <b>{name}</b>
        </p>
        <h1>{what ?? claim}</h1>
        {what === undefined ? null : <p>The claim: {claim}</p>}
        <p class="dim">
          {trace === undefined ? content.subject : trace.subject}
          {source === undefined ? "" : ` · source: ${source}`}
        </p>
        {others.length === 0 ? null : (
          <dl class="facts">
            {others.map((fact) => (
              <div key={fact.name}>
                <dt>{fact.name}</dt>
                <dd>{fact.isCode === true ? <code>{fact.text}</code> : fact.text}</dd>
              </div>
            ))}
          </dl>
        )}
        {trace === undefined ? null : <Also trace={trace} name={name} />}
        {trace?.commands.map((command) => (
          <Command key={command.text} label={command.name} command={command.text} />
        ))}
      </header>
      <main>
        <SourceContext.Provider value={content.sources}>
          {trace === undefined ? (
            <p>There is no trace of this finding.</p>
          ) : trace.race === undefined ? (
            <Timeline trace={trace} {...timeline} />
          ) : (
            <RaceTimeline trace={trace} race={trace.race} {...timeline} />
          )}
        </SourceContext.Provider>
      </main>
    </>
  );
}

/** Lists the other properties that the same steps decide. */
function Also({ trace, name }: { readonly trace: TraceView; readonly name: string }): JSX.Element | null {
  const others = [{ property: trace.property, claim: trace.claim }, ...trace.also].filter(
    ({ property }) => property !== name,
  );
  return others.length === 0 ? null : (
    <details>
      <summary>
        The same steps also {trace.shows === "reached" ? "reach" : "violate"}{" "}
        {others.map(({ property }) => property).join(", ")}
      </summary>
      <ul class="sentences">
        {others.map((other) => (
          <li key={other.property}>
            <b>{other.property}</b> {other.claim}
          </li>
        ))}
      </ul>
    </details>
  );
}
