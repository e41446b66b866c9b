/** Search report as Markdown tables, for documents and CI job summaries; without times, so that it is reproducible. */

import type { ClaimReport, PropertyReport, RunReport, SearchReport, SuiteReport } from "../../verify/report/report.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { formatCount, plural } from "../text/numbers.ts";
import { withTopic } from "../text/proof-subject.ts";
import { formatKernel } from "../text/subject.ts";

/** Cells of a row. */
export type Row = readonly string[];

/** Formats a table with a row of titles. */
export function markdownTable(titles: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function boundsOf({ bounds }: RunReport): string {
  return Object.entries(bounds)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function runTable(runs: readonly RunReport[]): string {
  return markdownTable(
    [
      "run",
      "machine",
      "configuration",
      "bounds",
      "kernel",
      "up to symmetry",
      "states",
      "transitions",
      "depth",
      "verdict",
    ],
    runs.map((run, i) => [
      String(i + 1),
      run.machine,
      run.config,
      boundsOf(run),
      formatKernel(run),
      run.symmetry ? "yes" : "no",
      formatCount(run.states),
      formatCount(run.transitions),
      String(run.depth),
      run.verdict,
    ]),
  );
}

/** Formats ascending numbers, with ranges: `1, 3–5`. */
function ranges(numbers: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const number of numbers) {
    const part = parts.at(-1);
    if (part !== undefined && part[1] === number - 1) {
      part[1] = number;
    } else {
      parts.push([number, number]);
    }
  }
  return parts.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(", ");
}

/** Lists the machines that check a claim, with the numbers of their runs. */
function scopesOf({ runs }: ClaimReport, all: readonly RunReport[]): string {
  const byMachine = new Map<string, number[]>();
  for (const index of runs) {
    const machine = all[index]?.machine ?? "";
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), index + 1]);
  }
  return [...byMachine].map(([machine, numbers]) => `${machine} (${ranges(numbers)})`).join(", ");
}

/** Lists the ids of the properties that check a claim. */
function propertiesOf({ id, runs }: ClaimReport, all: readonly RunReport[]): string {
  const ids = runs.flatMap((index) => all[index]?.properties ?? []).map((property) => property.id);
  return [...new Set(ids)].filter((each) => each === id || each.startsWith(`${id}.`)).join(", ");
}

function claimTable({ claims, runs }: SuiteReport): string {
  return markdownTable(
    ["claim", "sentence", "source", "properties", "machines (runs)", "states", "verdict"],
    claims.map((claim) => [
      claim.id,
      claim.claim,
      claim.source,
      propertiesOf(claim, runs),
      scopesOf(claim, runs),
      formatCount(claim.runs.reduce((sum, index) => sum + (runs[index]?.states ?? 0), 0)),
      claim.verdict,
    ]),
  );
}

function proofTable({ proofs }: SuiteReport): string {
  return markdownTable(
    ["configuration", "claims", "states with the invariant", "operations", "pages", "verdict"],
    proofs.map(({ topic, config, claims, states, steps, bounds, verdict }) => [
      withTopic(topic, config),
      claims.join(", "),
      formatCount(states),
      formatCount(steps),
      String(bounds.pages),
      verdict,
    ]),
  );
}

function propertyTable(properties: readonly PropertyReport[]): string {
  return markdownTable(
    ["property", "sentence", "source", "checked", "verdict"],
    properties.map(({ id, claim, source, checked, verdict, trace }) => [
      id,
      claim,
      source,
      formatCount(checked),
      trace === null ? verdict : `${verdict} (${plural(trace.steps.length, "step")})`,
    ]),
  );
}

/** Formats sentences as a list. */
export function markdownList(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}`).join("\n");
}

/** Formats a report. */
export function markdown(report: SearchReport): string {
  const sections =
    report.command === "verify"
      ? [
          `Profile ${report.profile}, kernel ${report.kernel}: ${report.verdict}, ${plural(report.states, "state")}.`,
          claimTable(report),
          ...(report.proofs.length === 0 ? [] : ["Proved for any number of MMs:", proofTable(report)]),
          runTable(report.runs),
        ]
      : [
          `Machine ${report.machine}, kernel ${formatKernel(report)}: ${report.verdict}, ${plural(report.states, "state")}.`,
          runTable([report]),
          propertyTable(report.properties),
        ];
  const interleaving = report.command === "check" ? (report.interleaving ?? []) : [];
  const interleaved = interleaving.length === 0 ? [] : ["Interleaved:", markdownList(interleaving)];
  return `${[...sections, ...interleaved, "Not checked:", markdownList(report.notChecked.map(notCheckedText))].join("\n\n")}\n`;
}
