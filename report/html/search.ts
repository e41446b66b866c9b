/** Content of the page for searches: one run, or a suite. */
import { describeStop } from "../../explore/search/budget.ts";
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { subjectCommand } from "../../verify/job/subject-command.ts";
import type { PropertyReport, RunReport, SearchReport, SuiteReport, TraceReport } from "../../verify/report/report.ts";
import { shellWord } from "../../verify/report/shell-word.ts";
import { imageCommand, imageCommands } from "../../verify/trace/image-commands.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { coverageProblems, endedEarly, type Failure, failuresOf, runsOf } from "../text/findings.ts";
import { formatBytes, formatCount, formatSeconds, formatSet, plural } from "../text/numbers.ts";
import { withTopic } from "../text/proof-subject.ts";
import { formatSubject } from "../text/subject.ts";
import { LOST_BEHAVIOUR, markOf, VACUOUS } from "../text/verdict.ts";
import { codeCell, notCheckedTable, provenanceFacts, sentenceTable, toneOf, verdictCell, withRows } from "./cells.ts";
import type { ContentFact, ContentFinding, ContentSource, ContentTable, ContentWithTraces } from "./content.ts";
import { coverageTable } from "./coverage-table.ts";
import { runsTable } from "./runs-table.ts";
import { Traces } from "./traces.ts";

/** Returns the content. @param traceFile the file that contains a trace, if one was written */
export function searchContent(
  report: SearchReport,
  traceFile: (trace: TraceReport) => string | undefined,
  sources: readonly ContentSource[] = [],
): ContentWithTraces {
  const traces = new Traces();
  const runs = runsOf(report);
  const failures = failuresOf(report).map((failure) => failureFinding(failure, report, traces, traceFile));
  const witnesses = witnessesOf(runs).map((property) => witnessFinding(property, traces));
  return {
    content: {
      title: titleOf(report),
      intro: report.command === "check" && isImage(report) ? INTRO_IMAGE : INTRO,
      verdict: { mark: markOf(report.verdict), tone: toneOf(report.verdict), text: verdictText(report) },
      subject:
        report.command === "verify"
          ? `Profile ${report.profile}, kernel ${report.kernel}, ${plural(runs.length, "run")}`
          : formatSubject(report),
      command: commandOf(report),
      totals: [
        plural(report.states, "state"),
        plural(report.transitions, "transition"),
        formatSeconds(report.seconds),
        `${formatBytes(report.peakMemoryBytes)} at the peak`,
      ],
      findings: [...failures, ...witnesses],
      tables: withRows([
        ...(report.command === "verify" ? suiteTables(report) : runTables(report)),
        sentenceTable("Gaps of the check", [...incompleteSentences(runs), ...coverageProblems(report)]),
        notCheckedTable(report.notChecked),
      ]),
      provenance: provenanceFacts(report.provenance),
      sources,
    },
    traces: traces.contents(),
  };
}

const INTRO =
  "A model of how Linux tracks which MMs map a large folio, function by function as in mm/. Every state within the " +
  "bounds is visited, and each claim is checked against the page tables themselves.";

const INTRO_IMAGE =
  "Whole files of a kernel tree, compiled unmodified, on page tables of their own. Every state within the bounds is " +
  "visited, and claims about which MMs map a large folio are checked in each.";

function isImage({ machine }: Pick<RunReport, "machine">): boolean {
  return machine === IMAGE_MACHINE;
}

function titleOf(report: SearchReport): string {
  if (report.command === "verify") {
    return "foliocheck verify";
  }
  return `foliocheck ${isImage(report) ? "image" : report.calls === undefined ? "check" : "race"}`;
}

function verdictText(report: SearchReport): string {
  const failures = failuresOf(report);
  const names = (verdict: string): string =>
    failures
      .filter(({ property }) => property.verdict === verdict)
      .map(({ property }) => property.id)
      .join(", ");
  const [violated, unreached] = [names("violated"), names("unreached")];
  if (report.verdict === "holds") {
    return "Every claim holds in every state within the bounds.";
  }
  return report.verdict === "incomplete"
    ? "Incomplete: not every state was visited. No claim is known to fail."
    : [
        ...(violated === "" ? [] : [`Violated: ${violated}.`]),
        ...(unreached === "" ? [] : [`Unreached: ${unreached}; ${LOST_BEHAVIOUR}.`]),
      ].join(" ");
}

function incompleteSentences(runs: readonly RunReport[]): string[] {
  return runs.flatMap((run) =>
    run.stopped === undefined ? [] : [`${formatSubject(run)}: ${describeStop(run.stopped)}`],
  );
}

/** Returns the command of a report. The commands of a suite's traces name their own machine and bounds. */
function commandOf(report: SearchReport): string {
  if (report.command === "check") {
    return runCommand(report);
  }
  const only = report.provenance?.options["only"];
  const words = [
    "foliocheck verify",
    `--profile ${report.profile}`,
    ...(only === undefined ? [] : [`--only ${only}`]),
    ...(report.provenance?.options["variant"] === undefined ? [] : [`--variant ${report.kernel}`]),
  ];
  return words.join(" ");
}

function runCommand(run: RunReport): string {
  const { simulation, mode, provenance } = run;
  const { tree, patch } = provenance?.options ?? {};
  return [
    isImage(run) ? imageCommand(run, tree === undefined ? undefined : shellWord(String(tree))) : subjectCommand(run),
    ...(patch === undefined ? [] : [`--patch ${shellWord(String(patch))}`]),
    ...(mode === "all-violations" ? ["--all-violations"] : []),
    ...(simulation === undefined
      ? []
      : [`--simulate ${simulation.walks} --seed ${simulation.seed} --max-depth ${simulation.maxDepth}`]),
  ].join(" ");
}

function failureFinding(
  { property, trace, runs }: Failure,
  report: SearchReport,
  traces: Traces,
  traceFile: (trace: TraceReport) => string | undefined,
): ContentFinding {
  const { id, claim, verdict, source, walk } = property;
  const all = runsOf(report);
  const run = all.find((each) => each.properties.some((one) => one.trace === trace));
  const file = trace === null ? undefined : traceFile(trace);
  const commands: ContentFact[] = [
    ...(run === undefined ? [] : [{ name: "reproduce", text: runCommand(run), isCode: true as const }]),
    ...(trace === null || run === undefined
      ? []
      : isImage(run)
        ? imageCommands(trace, file === undefined ? undefined : shellWord(file))
            .slice(1)
            .map((text) => ({ name: runningName(file), text, isCode: true as const }))
        : file === undefined
          ? []
          : [{ name: "replay", text: `foliocheck replay ${shellWord(file)}`, isCode: true as const }]),
  ];
  const subjects = runs.flatMap((index) => all[index] ?? []);
  return {
    name: id,
    status: verdict,
    tone: toneOf(verdict),
    claim,
    facts: [
      ...(trace?.warning === undefined ? [] : [{ name: "what", text: diagnosticText(trace.warning) }]),
      { name: "source", text: source },
      ...(subjects.length > 1
        ? [{ name: "runs", text: `${formatSet(runs.map((index) => index + 1))}; the shortest trace is shown` }]
        : []),
      ...(walk === undefined
        ? []
        : [{ name: "found", text: `by random walk ${formatCount(walk.number)} after ${plural(walk.steps, "step")}` }]),
      ...(trace === null ? [] : [{ name: "steps", text: String(trace.steps.length) }]),
    ],
    ...(trace === null ? {} : { trace: traces.add(trace, "violated", commands) }),
  };
}

/** Names a command that reads a trace file. @param file the file, if one was written */
export function runningName(file: string | undefined): string {
  return file === undefined ? "on a running kernel (FILE: of --trace-out)" : "on a running kernel";
}

/** Lists the reached properties with a shortest trace, each once. */
function witnessesOf(runs: readonly RunReport[]): { readonly property: PropertyReport; readonly run: RunReport }[] {
  const witnesses = new Map<string, { readonly property: PropertyReport; readonly run: RunReport }>();
  for (const run of runs) {
    for (const property of run.properties) {
      const known = witnesses.get(property.id)?.property.trace;
      const { trace } = property;
      if (property.verdict === "reached" && trace !== null && (known?.steps.length ?? Infinity) > trace.steps.length) {
        witnesses.set(property.id, { property, run });
      }
    }
  }
  return [...witnesses.values()];
}

function witnessFinding(
  { property, run }: { readonly property: PropertyReport; readonly run: RunReport },
  traces: Traces,
): ContentFinding {
  const { id, claim, source, trace } = property;
  const commands = [{ name: "reproduce", text: runCommand(run), isCode: true as const }];
  return {
    name: id,
    status: "reached",
    tone: "good",
    claim,
    facts: [
      { name: "source", text: source },
      ...(trace === null ? [] : [{ name: "steps", text: String(trace.steps.length) }]),
    ],
    ...(trace === null ? {} : { trace: traces.add(trace, "reached", commands) }),
  };
}

function suiteTables({ claims, runs, proofs }: SuiteReport): ContentTable[] {
  return [
    {
      title: "Claims",
      columns: [
        { title: "" },
        { title: "verdict" },
        { title: "runs", isNumber: true },
        { title: "claim" },
        { title: "source" },
      ],
      rows: claims.map(({ id, verdict, runs: own, claim, source }) => [
        id,
        verdictCell(verdict),
        own.length,
        claim,
        source,
      ]),
    },
    {
      title: "Proved for any number of MMs",
      columns: [
        { title: "configuration" },
        { title: "verdict" },
        { title: "claims" },
        { title: "states", isNumber: true },
        { title: "operations", isNumber: true },
      ],
      rows: proofs.map(({ topic, config, verdict, claims: proved, states, steps, refuted }) => [
        codeCell(withTopic(topic, config)),
        { text: verdict, tone: verdict === "proved" ? "good" : verdict === "refuted" ? "bad" : "warn" },
        refuted.length === 0 ? proved.join(" ") : `the induction fails: ${refuted.join(", ")}`,
        states,
        steps,
      ]),
    },
    runsTable(runs),
  ];
}

function extentText(run: RunReport): string {
  if (endedEarly(run)) {
    return "The search ended before it had visited every state: nothing is known of the others.";
  }
  return run.verdict === "violated"
    ? "The search continued beyond violations. Where a state could not be represented, no claim is called holds."
    : "Every state within the bounds was visited.";
}

function runTables(run: RunReport): ContentTable[] {
  return [
    {
      title: "Claims",
      notes: [extentText(run), ...(run.interleaving ?? [])],
      columns: [
        { title: "" },
        { title: "verdict" },
        { title: "checked in", isNumber: true },
        { title: "claim" },
        { title: "source" },
      ],
      rows: run.properties.map(({ id, verdict, checked, claim, source, vacuous }) => [
        id,
        verdictCell(verdict),
        checked,
        vacuous ? { text: `${claim} (${VACUOUS})`, tone: "warn" } : claim,
        source,
      ]),
    },
    {
      title: "Actions",
      columns: [
        { title: "" },
        { title: "transitions", isNumber: true },
        { title: "states first reached", isNumber: true },
      ],
      rows: run.actions.map(({ name, enabled, newStates }) => [codeCell(name), enabled, newStates]),
      isFolded: true,
    },
    coverageTable(run.coverage ?? []),
  ];
}
