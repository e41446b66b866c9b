/** The report on a kernel tree as Markdown tables. Without times, so that it can be pinned. */
import type { GateReport } from "../verify/report.ts";
import { changeRemark } from "./gate-change.ts";
import { kernelText } from "./gate-kernel.ts";
import { claimsText, functionRows, outcomeText } from "./gate-table.ts";
import { callLines } from "./github.ts";
import { markdownTable, notChecked } from "./markdown.ts";
import { formatCount } from "./numbers.ts";

/** Turns the report into Markdown. */
export function gateMarkdown(report: GateReport): string {
  const { tree, profile, verdict, states, functions, claims, layout = [], findings, notChecked: not } = report;
  const sections = [
    `Tree ${tree}, profile ${profile}: ${verdict}${changeRemark(report)}, ${formatCount(states)} states.`,
    `Compared with the model's kernel ${kernelText(report.modelKernel)}.`,
    markdownTable(
      ["function", "found at", "base", "compiled", "states", "compared", "claims held", "outcome"],
      functionRows(functions).map((row) => [
        row.name,
        row.place,
        row.status,
        `${row.compiled} of ${row.configs}`,
        formatCount(row.states),
        formatCount(row.compared),
        claimsText(row),
        outcomeText(row),
      ]),
    ),
    ...(claims.length === 0
      ? []
      : [
          markdownTable(
            ["claim", "sentence", "configuration", "verdict"],
            claims.map(({ id, claim, config, verdict: each }) => [id, claim, config, each]),
          ),
        ]),
    ...(layout.length === 0
      ? []
      : [
          markdownTable(
            ["layout", "machine", "verdict", "layouts"],
            layout.map(({ id, target, verdict: each, layouts: count }) => [id, target, each, String(count)]),
          ),
        ]),
    ...(findings.length === 0
      ? []
      : [
          markdownTable(
            ["finding", "what", "configurations", "steps", "accepted"],
            findings.map(({ property, what, configs, trace, accepted }) => [
              property,
              what,
              configs.join("; "),
              trace === null ? "" : callLines(trace).join("; "),
              accepted ?? "no",
            ]),
          ),
        ]),
    "Not checked:",
    notChecked(not),
  ];
  return `${sections.join("\n\n")}\n`;
}
