/** The report: verdict, findings, claims, and all other tables. */
import type { JSX } from "preact";
import type { Content } from "../content.ts";
import { Badge } from "./badge.tsx";
import { Command } from "./command.tsx";
import { FindingList, type Numbered } from "./finding-list.tsx";
import { SortableTable } from "./sortable-table.tsx";

/** Status of witnesses, which are no failures: they come after the claims. */
const REACHED = "reached";

/** Shows a report. */
export function Overview({ content }: { readonly content: Content }): JSX.Element {
  const { title, intro, verdict, subject, command, totals, findings, tables, provenance } = content;
  const all = findings.map((finding, position): Numbered => ({ finding, position }));
  const witnesses = all.filter(({ finding }) => finding.status === REACHED);
  const others = all.filter(({ finding }) => finding.status !== REACHED);
  const [first, ...rest] = tables;
  return (
    <>
      <header class="report-header">
        <p class="report-title">{title}</p>
        <h1>
          <Badge tone={verdict.tone} text={verdict.mark} /> {verdict.text}
        </h1>
        <p>{intro}</p>
        <p class="dim">{subject}</p>
        <p class="dim">{totals.join(" · ")}</p>
        {command === undefined ? null : <Command label="reproduce" command={command} />}
      </header>
      <main>
        {others.length === 0 ? null : <FindingList title="Findings" findings={others} />}
        {first === undefined ? null : <SortableTable table={first} />}
        {witnesses.length === 0 ? null : (
          <FindingList title="Witnesses: what must be possible, and is" findings={witnesses} />
        )}
        {rest.map((table) => (
          <SortableTable key={table.title} table={table} />
        ))}
        {provenance.length === 0 ? null : (
          <section>
            <h2>Made with</h2>
            <dl class="facts">
              {provenance.map(({ name, text, isCode }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{isCode === true ? <code>{text}</code> : text}</dd>
                </div>
              ))}
            </dl>
          </section>
        )}
      </main>
    </>
  );
}
