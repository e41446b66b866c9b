/** Live report for the terminal. */
import { spellFlags } from "../../live/compare/comparison.ts";
import type { LiveDifferenceReport, LiveReport } from "../../live/run/report.ts";
import { type Block, labelled } from "../text/block.ts";
import { referenceOf } from "../text/live.ts";
import { notCheckedLines } from "../text/not-checked.ts";
import { formatCount, formatScaled, formatSeconds, plural } from "../text/numbers.ts";
import { type PrintOptions, printSections } from "../text/print-lines.ts";
import { FIXED_SPACE, type Span, span } from "../text/styled-text.ts";
import { formatBounds, formatKernel } from "../text/subject.ts";
import { table } from "../text/table.ts";
import { markOf, roleOf } from "../text/verdict.ts";
import { callHeading } from "../trace/call-heading.ts";

/** Options of the reporter. */
export interface LivePrettyOptions extends PrintOptions {
  /** The file that contains the first difference's trace; absent if none was written. */
  readonly traceFile?: string;
}

/** Indentation of the text of a labelled line, in columns. */
const INDENT = 14;
/** Indentation of the text of a step, in columns. */
const STEP_INDENT = 6;

/** Formats a report. The verdict is the last line. */
export function prettyLive(report: LiveReport, options: LivePrettyOptions): string {
  const sections = [
    subjectLines(report),
    ...report.differences.map((difference) => differenceLines(difference, referenceOf(report.walk), options.traceFile)),
    notCheckedLines(report.notChecked),
    verdictLines(report),
  ];
  return printSections(sections, options);
}

function subjectLines(report: LiveReport): Block[] {
  const { scope, host, machine, config, bounds, walk } = report;
  const reference = walk.kind === "trace" ? "a trace" : `scope ${scope}, model ${formatKernel(report)}`;
  const row = (label: string, text: string): Block[] => labelled(span(`  ${label}`, "dim"), text, INDENT);
  return [
    [span(`foliocheck live: ${reference}, on Linux ${host.release}`, "strong")],
    ...row(referenceOf(walk), `machine ${machine} · ${config} · ${formatBounds(bounds, FIXED_SPACE)}`),
    ...row("host", `pages of ${host.pageSize / 1024} KiB, large anon folios of ${host.folioSizes.join(", ")} KiB`),
    ...row("walk", walkText(walk)),
    ...coverageLines(report, row),
    ...row(
      "steps",
      `${formatCount(report.steps)}, ${formatCount(report.stepsPerSecond)} a second; ${retriesText(report)}`,
    ),
  ];
}

function walkText(walk: LiveReport["walk"]): string {
  switch (walk.kind) {
    case "tour":
      return "a tour: every state, and every call that is enabled there";
    case "random":
      return `${plural(walk.walks, "random walk")}, seed ${walk.seed}`;
    case "trace":
      return `the steps of a trace of ${walk.property}; a page of the image is ${plural(walk.pagesOfEntry, "page")} here`;
  }
}

function coverageLines({ coverage, states }: LiveReport, row: (label: string, text: string) => Block[]): Block[] {
  if (coverage === undefined) {
    return [];
  }
  const { covered, reachable } = coverage;
  // Rounded down, so that 100 % means all.
  const share = reachable === 0 ? 0 : Math.floor((1000 * covered) / reachable) / 10;
  return row(
    "coverage",
    `${formatCount(covered)} of ${formatCount(reachable)} transitions (${share} %), in ${plural(states ?? 0, "state")}, both counted up to symmetry of MMs and folios`,
  );
}

function retriesText({ retries }: LiveReport): string {
  return retries === 0 ? "none was repeated" : `${plural(retries, "execution")} repeated because of a difference`;
}

function differenceLines(
  { trace, fields }: LiveDifferenceReport,
  reference: string,
  traceFile: string | undefined,
): Block[] {
  const headings = ["initial state", ...trace.steps.map(callHeading)];
  const rows = fields.map(({ place, field, model, kernel, holds }): Span[] => [
    span(holds ? "" : "*", "changed"),
    span(place),
    span(field),
    span(valueText(field, model), holds ? undefined : "changed"),
    span(valueText(field, kernel), holds ? undefined : "changed"),
  ]);
  const file = traceFile ?? "FILE";
  return [
    [span(`Difference after ${plural(trace.steps.length, "step")}`, "strong")],
    ...headings.flatMap((text, i) => labelled(span(`${String(i).padStart(4)}  `), text, STEP_INDENT)),
    [],
    ...table(
      [{ title: "" }, { title: "where" }, { title: "what" }, { title: reference }, { title: "kernel" }],
      rows,
      2,
    ),
    [],
    ...(traceFile === undefined ? [[span("  run the same again with --trace-out FILE, then", "dim")]] : []),
    [span(`  foliocheck repro ${file} > repro.c`, "strong")],
  ];
}

function valueText(field: string, value: string | number | boolean | null): string {
  return field === "flags" && typeof value === "number" ? spellFlags(value) : String(value ?? "none");
}

function verdictLines(report: LiveReport): Block[] {
  const { verdict, stopped, steps, seconds } = report;
  const role = roleOf(verdict);
  const why =
    stopped === undefined
      ? []
      : [[span(`incomplete: ${stopped === "time" ? "the time limit was reached" : "interrupted"}`, role)]];
  const totals = `${formatScaled(steps)}steps · ${formatSeconds(seconds)}`;
  return [...why, [span(`${markOf(verdict)} ${verdict}`, role), span(` · ${totals}`)]];
}
