/** Content of the page for replays. */

import { shellWord } from "../../verify/report/shell-word.ts";
import type { ReplayReport } from "../../verify/trace/replay.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { decidingStep, replayRemarks, replayVerdict } from "../text/replay.ts";
import { formatSubject } from "../text/subject.ts";
import { toneOfRole } from "./cells.ts";
import type { ContentFinding, ContentWithTraces } from "./content.ts";
import { Traces } from "./traces.ts";

/** Returns the content. @param file the trace file */
export function replayContent(report: ReplayReport, file: string): ContentWithTraces {
  const { trace, kernel, memory, witness, property, findings } = report;
  const { mark, role, text } = replayVerdict(report);
  const isDecided = decidingStep(report) !== undefined;
  const command = [
    `foliocheck replay ${shellWord(file)} --variant ${kernel}`,
    ...(memory === undefined ? [] : [`--memory ${memory}`]),
  ].join(" ");
  const traces = new Traces();
  const shows = isDecided ? (witness ? "reached" : "violated") : "neither";
  const position = traces.add(trace, shows, [{ name: "replay", text: command, isCode: true }]);
  const others = findings.filter(({ id, verdict }) => id !== property && verdict === "violated");
  return {
    content: {
      title: "foliocheck replay",
      intro: "The steps of a trace, executed again by a kernel of the model.",
      verdict: { mark, tone: toneOfRole(role), text: `${text}.` },
      subject: formatSubject(trace),
      command,
      totals: replayRemarks(report),
      findings: [
        {
          name: property,
          status: shows === "neither" ? (witness ? "not reached" : "not violated") : shows,
          tone: toneOfRole(role),
          claim: trace.claim,
          facts: [
            { name: "replay", text },
            ...replayRemarks(report).map((remark) => ({ name: "remark", text: remark })),
            { name: "source", text: trace.source },
          ],
          trace: position,
        },
        ...others.map(
          ({ id, claim, step, warning }): ContentFinding => ({
            name: id,
            status: "violated",
            tone: "bad",
            claim,
            facts: [
              { name: "at step", text: String(step) },
              ...(warning === undefined ? [] : [{ name: "warning", text: diagnosticText(warning) }]),
            ],
            trace: position,
          }),
        ),
      ],
      tables: [],
      provenance: [],
      sources: [],
    },
    traces: traces.contents(),
  };
}
