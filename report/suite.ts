/** The report on a suite of runs, for people. */
import type { SuiteReport } from "../verify/report.ts";
import { formatCount, formatSeconds, plural } from "./numbers.ts";
import { type Column, table } from "./table.ts";
import { type Line, type Span, span } from "./text.ts";
import { LOST_BEHAVIOUR, verdictSpan } from "./verdict.ts";

/** What the suite is. */
export function suiteHeading({ profile, kernel, runs }: SuiteReport): Line[] {
  return [[span(`foliocheck: profile ${profile}, kernel ${kernel}, ${plural(runs.length, "run")}`, "strong")]];
}

/** One line for each run, under a heading for its machine and configuration. Runs keep their numbers. */
export function runLines({ runs }: SuiteReport): Line[] {
  const bounds = [...new Set(runs.flatMap((run) => Object.keys(run.bounds)))];
  const columns: Column[] = [
    { title: "#", align: "right" },
    ...bounds.map((name): Column => ({ title: name, align: "right" })),
    { title: "symmetry" },
    { title: "states", align: "right" },
    { title: "transitions", align: "right" },
    { title: "depth", align: "right" },
    { title: "time", align: "right" },
    { title: "verdict" },
  ];
  const rows = runs.map((run, i): Span[] => [
    span(String(i + 1)),
    ...bounds.map((name) => span(run.bounds[name] === undefined ? "" : String(run.bounds[name]))),
    run.symmetry ? span("on") : span("off", "dim"),
    span(formatCount(run.states)),
    span(formatCount(run.transitions)),
    span(String(run.depth)),
    span(formatSeconds(run.seconds)),
    verdictSpan(run.verdict),
  ]);
  const [heading = [], ...lines] = table(columns, rows, 2);
  const groups = new Map<string, Line[]>();
  for (const [i, run] of runs.entries()) {
    const group = [run.machine, run.config].filter((each) => each !== "").join(" · ");
    groups.set(group, [...(groups.get(group) ?? []), lines[i] ?? []]);
  }
  const grouped = [...groups].flatMap(([group, members]): Line[] => [[span(`  ${group}`)], ...members]);
  return [[span("Runs", "strong")], heading, ...grouped];
}

/** One line for each claim. */
export function claimLines({ claims }: SuiteReport): Line[] {
  const rows = claims.map(({ id, verdict, claim, runs }): Span[] => {
    const lost = verdict === "unreached" ? ` (unreached: ${LOST_BEHAVIOUR})` : "";
    return [span(id, "strong"), verdictSpan(verdict), span(String(runs.length)), span(`${claim}${lost}`)];
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
