/** Report of one run for the terminal. */
import { describeStop } from "../../explore/search/budget.ts";
import type { SimulationOutcome } from "../../explore/search/search.ts";
import type { PropertyReport, RunReport } from "../../verify/report/report.ts";
import { type Block, labelled } from "../text/block.ts";
import { endedEarly } from "../text/findings.ts";
import { formatBytes, formatCount, formatRate, formatScaled, formatSeconds, plural } from "../text/numbers.ts";
import { FIXED_SPACE, type Role, span } from "../text/styled-text.ts";
import { formatBounds, formatKernel, labelledCalls } from "../text/subject.ts";
import { table } from "../text/table.ts";
import { LOST_BEHAVIOUR, VACUOUS, verdictSpan } from "../text/verdict.ts";

/** Indentation of the text of a labelled line, in columns. */
const INDENT = 14;

/** Formats a labelled text of the head of a report. */
export function headRow(label: string, text: string, role?: Role): Block[] {
  return labelled(span(`  ${label}`, "dim"), text, INDENT, role);
}

/** Formats the subject of a run and the extent of its search. */
export function exploredLines(run: RunReport): Block[] {
  return [
    ...labelled(span(""), `foliocheck: machine ${run.machine}, kernel ${formatKernel(run)}`, 0, "strong"),
    ...extentLines(run, formatBounds(run.bounds, FIXED_SPACE)),
  ];
}

/** Formats configuration, bounds, calls and the extent of the search of a run. */
export function extentLines(run: RunReport, bounds: string): Block[] {
  return [
    ...headRow("config", run.config),
    ...headRow("bounds", bounds),
    ...(run.calls === undefined ? [] : labelledCalls(run.calls).flatMap(([label, text]) => headRow(label, text))),
    ...(run.interleaving ?? []).flatMap((sentence, i) => headRow(i === 0 ? "interleaved" : "", sentence)),
    ...headRow(
      "symmetry",
      run.symmetry ? "on: states that differ by renaming only are counted once" : "off: every state is counted",
    ),
    ...headRow("search", searchText(run)),
  ];
}

function searchText(run: RunReport): string {
  if (run.simulation !== undefined) {
    return simulationText(run, run.simulation);
  }
  if (run.stopped !== undefined) {
    return `ended early, ${describeStop(run.stopped)}: states that were not visited are not checked`;
  }
  if (run.mode === "all-violations" && run.verdict === "violated") {
    return "continued past violations; each property has a shortest counterexample";
  }
  return endedEarly(run)
    ? "ended at the first violation, which has a shortest counterexample"
    : "complete: every state within the bounds was visited";
}

function simulationText(
  { states, stopped }: RunReport,
  { walks, seed, maxDepth, countsAll }: SimulationOutcome,
): string {
  const early = stopped === undefined || stopped === "simulated" ? "" : `; ended early, ${describeStop(stopped)}`;
  const visited = `${countsAll ? "" : "at least "}${plural(states, "distinct state")} visited`;
  return `${plural(walks, "random walk")}, seed ${seed}, depth ${formatCount(maxDepth)}: ${visited}${early}`;
}

/** Formats the verdict on each property. */
export function propertyLines(run: RunReport): Block[] {
  const rows = run.properties.map((property) => [
    span(property.id, "strong"),
    verdictSpan(property.verdict),
    span(checkedText(property)),
    span(`${property.claim}${remark(property)}`, property.vacuous ? "warn" : undefined),
  ]);
  return [
    [span("Properties", "strong")],
    ...table(
      [{ title: "" }, { title: "verdict" }, { title: "checked", align: "right" }, { title: "claim", wraps: true }],
      rows,
      2,
    ),
  ];
}

function checkedText({ kind, checked }: PropertyReport): string {
  const isState = kind === "always" || kind === "sometimes" || kind === "deadlock";
  return plural(checked, isState ? "state" : "step");
}

/** Formats what a reader must know about the verdict on a property. */
export function remark({ verdict, vacuous, trace }: PropertyReport): string {
  if (vacuous) {
    return ` (${VACUOUS})`;
  }
  if (verdict === "unreached") {
    return ` (unreached: ${LOST_BEHAVIOUR})`;
  }
  return trace === null ? "" : ` (${verdict} in ${plural(trace.steps.length, "step")})`;
}

/** Formats the coverage of each action. */
export function actionLines(run: RunReport): Block[] {
  const rows = run.actions.map(({ name, enabled, newStates }) => [
    span(name),
    span(formatCount(enabled)),
    span(formatCount(newStates)),
    span(enabled === 0 ? "never enabled" : "", "warn"),
  ]);
  return [
    [span("Actions", "strong")],
    ...table(
      [{ title: "" }, { title: "enabled", align: "right" }, { title: "new states", align: "right" }, { title: "" }],
      rows,
      2,
    ),
  ];
}

/** Formats the cost of a run: states, transitions, time and memory. */
export function costLines(run: RunReport): Block[] {
  const transitions = run.transitions - (run.resumedAt?.transitions ?? 0);
  const rate = run.cpuSeconds > 0 ? `, ${formatRate(transitions / run.cpuSeconds, "transitions per CPU second")}` : "";
  return [
    [span("Cost", "strong")],
    ...headRow("states", `${formatCount(run.states)}, at most ${plural(run.depth, "step")} from an initial state`),
    ...(run.estimatedStates === undefined
      ? []
      : headRow("estimate", `about ${formatScaled(run.estimatedStates).trimEnd()} states in all: an extrapolation`)),
    ...headRow("transitions", formatCount(run.transitions)),
    ...headRow("time", `${formatSeconds(run.seconds)} (CPU ${formatSeconds(run.cpuSeconds)})${rate}`),
    ...headRow(
      "memory",
      `${formatBytes(run.tableBytes)} for states and tables, ${formatBytes(run.peakMemoryBytes)} at the peak`,
    ),
  ];
}
