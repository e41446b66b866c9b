/** The report on a kernel tree as workflow commands: each finding at its function's line. */
import { describeStop } from "../explore/budget.ts";
import type { GateFindingReport, GateReport } from "../verify/report.ts";
import { foldedTrace, githubCommand } from "./github.ts";
import { formatSeconds, plural } from "./numbers.ts";
import { formatSubject } from "./subject.ts";

/** New findings are errors, known ones notices; files are relative to the tree. */
export function gateGithub(report: GateReport): string {
  const { verdict, findings, runs, states, transitions, seconds } = report;
  const lines = [
    ...findings.flatMap((finding) => findingCommands(finding, report)),
    ...runs.flatMap((run) =>
      run.stopped === undefined
        ? []
        : [githubCommand("warning", "foliocheck: incomplete", `${formatSubject(run)}: ${describeStop(run.stopped)}`)],
    ),
    githubCommand(
      "notice",
      `foliocheck: ${verdict}`,
      `${plural(runs.length, "run")}, ${plural(states, "state")}, ${plural(transitions, "transition")}, ${formatSeconds(seconds)}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function findingCommands(finding: GateFindingReport, report: GateReport): string[] {
  const { property, what, configs, accepted, trace } = finding;
  const title = `foliocheck: ${property}${accepted === undefined ? "" : " (known)"}`;
  const message = [what, `Configurations: ${configs.join("; ")}`, ...(accepted === undefined ? [] : [accepted])].join(
    "\n",
  );
  const places = placesOf(finding, report);
  const annotations = (places.length === 0 ? [undefined] : places).map((place) =>
    githubCommand(accepted === undefined ? "error" : "notice", title, message, place),
  );
  return [...annotations, ...(trace === null || accepted !== undefined ? [] : foldedTrace(property, trace))];
}

/** Every changed function that ran in the trace; where none is known, the function at fault. */
function placesOf(
  { function: name, trace }: GateFindingReport,
  { functions }: GateReport,
): { file: string; line: number }[] {
  const ran = new Set(
    trace?.steps.flatMap((step) => step.functions.flatMap((line) => /^\s*C (\w+)\(/.exec(line)?.[1] ?? [])) ?? [],
  );
  const placed = functions.filter(({ line }) => line > 0);
  const changed = placed.filter((each) => each.status === "changed" && ran.has(each.name));
  const found = (changed.length > 0 ? changed : placed.filter((each) => each.name === name)).map(({ file, line }) => ({
    file,
    line,
  }));
  return [...new Map(found.map((place) => [`${place.file}:${place.line}`, place])).values()];
}
