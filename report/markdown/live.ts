/** A walk on a running kernel as Markdown tables. */
import { formatCall } from "../../explore/model/model.ts";
import type { LiveReport } from "../../live/run/report.ts";
import { factsOf, referenceOf } from "../text/live.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { markdownTable } from "./search.ts";

/** Tables, without times. */
export function markdownLive(report: LiveReport): string {
  const { verdict, differences, notChecked } = report;
  const facts = Object.entries(factsOf(report)).map(([name, value]) => [name, value]);
  const sections = [
    `${referenceOf(report.walk) === "trace" ? "Trace" : "Model"} against the running kernel: ${verdict}.`,
    markdownTable(["what", "value"], facts),
    ...differences.map(({ fields, trace }) =>
      [
        trace.steps.map((step, i) => `${i + 1}. \`${formatCall(step)}\``).join("\n"),
        markdownTable(
          ["where", "what", referenceOf(report.walk), "kernel", ""],
          fields.map(({ place, field, model, kernel, holds }) => [
            place,
            field,
            String(model),
            String(kernel),
            holds ? "" : "differs",
          ]),
        ),
      ].join("\n\n"),
    ),
    "Not checked:",
    notChecked.map((each) => `- ${notCheckedText(each)}`).join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}
