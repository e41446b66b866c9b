/** Replay report for the terminal. */

import type { ReplayReport } from "../../verify/trace/replay.ts";
import { type Block, labelled } from "../text/block.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { type PrintOptions, printBlocks } from "../text/print-lines.ts";
import { decidingStep, replayRemarks, replayVerdict } from "../text/replay.ts";
import { LINE_WIDTH, type Role, span, wrap } from "../text/styled-text.ts";
import { traceLines } from "../trace/trace.ts";

/** Formats the report on a replay. @param file the trace file */
export function replayPretty(
  report: ReplayReport,
  { file, ...options }: PrintOptions & { readonly file: string },
): string {
  return printBlocks(blocks(report, file, options), options);
}

function blocks(report: ReplayReport, file: string, { width }: PrintOptions): Block[] {
  const { witness, kernel, property } = report;
  const decided = decidingStep(report) !== undefined;
  const { mark, role, text } = replayVerdict(report);
  const others = report.findings.filter(({ id, verdict }) => id !== property && verdict === "violated");
  const shows = witness ? "reached" : "violated";
  const violated = decided && !witness ? "violated as well" : "violated";
  const indent = Math.max(0, ...others.map(({ id }) => id.length)) + 4;
  return [
    ...traceLines(report.trace, { width, file, variant: kernel, ...(decided ? { shows } : {}) }),
    [],
    ...others.flatMap(({ id, claim, step, warning }) =>
      labelled(
        span(`✗ ${id}`, "bad"),
        `${violated}, at step ${step}: ${claim}${warning === undefined ? "" : ` (${diagnosticText(warning)})`}`,
        indent,
      ),
    ),
    ...replayRemarks(report).flatMap((remark) => colored("dim", remark)),
    ...colored(role, `${mark} ${text}`),
  ];
}

function colored(role: Role, text: string): Block[] {
  return wrap(text, LINE_WIDTH).map((each) => [span(each, role)]);
}
