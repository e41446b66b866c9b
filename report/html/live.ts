/** Content of the page for walks on a running kernel. */
import { spellFlags } from "../../live/compare/comparison.ts";
import type { LiveDifferenceReport, LiveReport } from "../../live/run/report.ts";
import { claimOf, factsOf, referenceOf } from "../text/live.ts";
import { formatSeconds, plural } from "../text/numbers.ts";
import { markOf } from "../text/verdict.ts";
import { notCheckedTable, provenanceFacts, toneOf, withRows } from "./cells.ts";
import type { ContentFinding, ContentTable, ContentWithTraces, TableCell } from "./content.ts";
import { Traces } from "./traces.ts";

/** Returns the content. @param traceFile the file that contains the trace of the first difference */
export function liveContent(report: LiveReport, traceFile: string | undefined): ContentWithTraces {
  const { verdict, differences, walk, host, scope, steps, seconds, notChecked, provenance } = report;
  const traces = new Traces();
  const reference = referenceOf(walk);
  return {
    content: {
      title: "foliocheck live",
      intro: "Real processes took the steps, and after each the running kernel was compared with what is expected.",
      verdict: { mark: markOf(verdict), tone: toneOf(verdict), text: verdictText(report) },
      subject: `${walk.kind === "trace" ? "A trace" : `Scope ${scope}`}, on Linux ${host.release}`,
      totals: [plural(steps, "step"), formatSeconds(seconds)],
      findings: differences.map(
        ({ trace }, i): ContentFinding => ({
          name: `difference ${i + 1}`,
          status: "violated",
          tone: "bad",
          claim: claimOf(report),
          facts: [{ name: "steps", text: String(trace.steps.length) }],
          trace: traces.add(trace, "violated", [
            { name: "as a C program", text: `foliocheck repro ${traceFile ?? "FILE"} > repro.c`, isCode: true },
          ]),
        }),
      ),
      tables: withRows([
        ...differences.map((difference, i) => differenceTable(difference, i + 1, reference)),
        {
          title: "Walk",
          columns: [{ title: "" }, { title: "" }],
          rows: Object.entries(factsOf(report)),
        },
        notCheckedTable(notChecked),
      ]),
      provenance: provenanceFacts(provenance),
      sources: [],
    },
    traces: traces.contents(),
  };
}

function verdictText(report: LiveReport): string {
  const { verdict, stopped } = report;
  if (verdict === "incomplete") {
    return `Incomplete: ${stopped === "time" ? "the time limit was reached" : "interrupted"}.`;
  }
  return verdict === "holds"
    ? `${claimOf(report)}.`
    : `The running kernel differs from the ${referenceOf(report.walk)}.`;
}

function differenceTable({ fields }: LiveDifferenceReport, number: number, reference: string): ContentTable {
  return {
    title: `Difference ${number}: fields after the last step`,
    columns: [{ title: "where" }, { title: "what" }, { title: reference }, { title: "kernel" }],
    rows: fields.map(({ place, field, model, kernel, holds }): TableCell[] => {
      const text = (value: typeof model): string =>
        field === "flags" && typeof value === "number" ? spellFlags(value) : String(value ?? "none");
      return [place, field, text(model), holds ? text(kernel) : { text: `✗ ${text(kernel)}`, tone: "bad", sort: 0 }];
    }),
  };
}
