/** Report of a suite for the terminal. */
import type { RunReport, SuiteReport } from "../../verify/report/report.ts";
import { type Block, labelled } from "../text/block.ts";
import { formatCount, formatSeconds, plural } from "../text/numbers.ts";
import { withTopic } from "../text/proof-subject.ts";
import { FIXED_SPACE, type Line, type Span, span } from "../text/styled-text.ts";
import { formatBounds, formatKernel, nonzero } from "../text/subject.ts";
import { type Column, table } from "../text/table.ts";
import { LOST_BEHAVIOUR, verdictSpan } from "../text/verdict.ts";
import { proofVerdictSpan } from "./proof.ts";

/** Formats the profile, the kernel and the number of runs. */
export function suiteHeading({ profile, kernel, runs }: SuiteReport): Block[] {
  return labelled(
    span(""),
    `foliocheck: profile ${profile}, kernel ${kernel}, ${plural(runs.length, "run")}`,
    0,
    "strong",
  );
}

/** Formats the numbered runs, under a heading for each machine and configuration. */
export function runLines({ runs, kernel }: SuiteReport): Block[] {
  const columns: Column[] = [
    { title: "#", align: "right" },
    { title: "states", align: "right" },
    { title: "transitions", align: "right" },
    { title: "depth", align: "right" },
    { title: "time", align: "right" },
    { title: "verdict" },
    { title: "bounds; those not named are 0", wraps: true },
  ];
  const row = (run: RunReport, i: number): Span[] => [
    span(String(i + 1)),
    span(formatCount(run.states)),
    span(formatCount(run.transitions)),
    span(String(run.depth)),
    span(formatSeconds(run.seconds)),
    verdictSpan(run.verdict),
    span(boundsText(run)),
  ];
  const groups = new Map<string, Span[][]>();
  for (const [i, run] of runs.entries()) {
    const other = formatKernel(run) === kernel ? "" : `kernel ${formatKernel(run)}`;
    const group = [run.machine, run.config, other].filter((each) => each !== "").join(" · ");
    groups.set(group, [...(groups.get(group) ?? []), row(run, i)]);
  }
  const headings = new Map<number, Line>();
  const rows: Span[][] = [];
  for (const [group, members] of groups) {
    headings.set(rows.length, [span(`  ${group}`)]);
    rows.push(...members);
  }
  return [[span("Runs", "strong")], ...table(columns, rows, 2, headings)];
}

/** Formats the nonzero bounds of a run. */
function boundsText({ bounds, symmetry }: RunReport): string {
  return `${formatBounds(nonzero(bounds), FIXED_SPACE)}${symmetry ? "" : "; without symmetry"}`;
}

/** Formats one line for each claim. */
export function claimLines({ claims }: SuiteReport): Block[] {
  const rows = claims.map(({ id, verdict, claim, runs }): Span[] => {
    const explanation = verdict === "unreached" ? ` (unreached: ${LOST_BEHAVIOUR})` : "";
    return [span(id, "strong"), verdictSpan(verdict), span(String(runs.length)), span(`${claim}${explanation}`)];
  });
  return [
    [span("Claims", "strong")],
    ...table(
      [{ title: "" }, { title: "verdict" }, { title: "runs", align: "right" }, { title: "claim", wraps: true }],
      rows,
      2,
    ),
  ];
}

/** Formats the proofs for any number of MMs. */
export function proofLines({ proofs }: SuiteReport): Block[] {
  if (proofs.length === 0) {
    return [];
  }
  const rows = proofs.map(({ topic, config, verdict, bounds, states, steps, claims, refuted }): Span[] => {
    const how = `${formatCount(steps)} operations from ${formatCount(states)} states of a folio of ${bounds.pages} pages`;
    const what = refuted.length === 0 ? claims.join(" ") : `the induction fails: ${refuted.join(", ")}`;
    return [span(withTopic(topic, config)), proofVerdictSpan(verdict), span(`${what} (${how})`)];
  });
  return [
    [span("Proved for any number of MMs", "strong"), span("  (foliocheck prove; docs/proof.md)", "dim")],
    ...table([{ title: "configuration" }, { title: "verdict" }, { title: "claims", wraps: true }], rows, 2),
  ];
}
