/** Content of the page for gates. */
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { findingCommand } from "../../gate/run/command.ts";
import { type FindingStatus, statusOf } from "../../gate/run/finding-status.ts";
import type { GateClaimReport, GateFindingReport, GateReport, TraceReport } from "../../verify/report/report.ts";
import { shellWord } from "../../verify/report/shell-word.ts";
import { imageCommands } from "../../verify/trace/image-commands.ts";
import { findingText } from "../text/diagnostic.ts";
import { changeRemark } from "../text/gate-change.ts";
import { baseText, comparisonRows, findingNames } from "../text/gate-comparison.ts";
import { incompleteSentences } from "../text/gate-incomplete.ts";
import { kernelText } from "../text/gate-kernel.ts";
import { optimisationText } from "../text/gate-optimisation.ts";
import { placesOf } from "../text/gate-places.ts";
import { interleavingSentences } from "../text/gate-races.ts";
import { claimsText, functionRows, type GateFunctionRow, outcomeText } from "../text/gate-table.ts";
import { unmatchedTexts } from "../text/gate-unmatched.ts";
import { formatBytes, formatCount, formatSeconds, plural } from "../text/numbers.ts";
import { placeText } from "../text/place.ts";
import { withTopic } from "../text/proof-subject.ts";
import { markOf } from "../text/verdict.ts";
import { codeCell, notCheckedTable, provenanceFacts, sentenceTable, toneOf, verdictCell, withRows } from "./cells.ts";
import type {
  ContentFact,
  ContentFinding,
  ContentSource,
  ContentTable,
  ContentWithTraces,
  TableCell,
  Tone,
} from "./content.ts";
import { coverageTable } from "./coverage-table.ts";
import { runsTable } from "./runs-table.ts";
import { runningName } from "./search.ts";
import { Traces } from "./traces.ts";

/** Returns the content. @param traceFile the file that contains a trace, if one was written */
export function gateContent(
  report: GateReport,
  traceFile: (trace: TraceReport) => string | undefined,
  sources: readonly ContentSource[],
): ContentWithTraces {
  const traces = new Traces();
  const commandsOf = (trace: TraceReport): ContentFact[] => [
    { name: "reproduce", text: findingCommand(report, trace), isCode: true },
    ...(trace.machine === IMAGE_MACHINE ? runningCommands(trace, traceFile(trace)) : []),
  ];
  const { verdict, provenance, reproduce, states, transitions, seconds, peakMemoryBytes, runs } = report;
  const findings = report.findings.map((finding) =>
    findingContent(finding, statusOf(finding), report, traces, commandsOf),
  );
  const cured = (report.base?.cured ?? []).map((finding) =>
    findingContent(finding, "cured", report, traces, commandsOf),
  );
  const exceptions = (report.exceptions ?? []).map(
    ({ property, claim, configs, trace, ...exception }): ContentFinding => ({
      name: property,
      status: "known exception",
      tone: "dim",
      claim,
      facts: [
        { name: "where", text: configs.join("; ") },
        { name: "clang", text: optimisationText(exception) ?? "" },
      ],
      trace: traces.add(trace, "reached", commandsOf(trace)),
    }),
  );
  return {
    content: {
      title: "foliocheck gate",
      intro:
        "The C code of a kernel tree, compiled and explored: every state within bounds, compared with a model of the " +
        "same functions, and checked against claims about which MMs map a large folio.",
      verdict: { mark: markOf(verdict), tone: toneOf(verdict), text: `${verdictText(report)}${changeRemark(report)}.` },
      subject: `Tree ${report.tree}, profile ${report.profile}, compared with the model's kernel ${kernelText(report.modelKernel)}`,
      command: reproduce,
      totals: [
        plural(runs.length, "run"),
        plural(states, "state"),
        plural(transitions, "transition"),
        formatSeconds(seconds),
        `${formatBytes(peakMemoryBytes)} at the peak`,
      ],
      findings: [...findings, ...cured, ...exceptions],
      tables: withRows(tablesOf(report)),
      provenance: provenanceFacts(provenance),
      sources,
    },
    traces: traces.contents(),
  };
}

/** Returns the commands that take the steps of an image's trace on a running kernel, which need its file. */
function runningCommands(trace: TraceReport, file: string | undefined): ContentFact[] {
  return imageCommands(trace, file === undefined ? undefined : shellWord(file))
    .slice(1)
    .map((text) => ({ name: runningName(file), text, isCode: true }));
}

function verdictText({ verdict, findings }: GateReport): string {
  const count = findings.filter((finding) => statusOf(finding) === "new").length;
  switch (verdict) {
    case "holds":
      return "The C code conforms to the model, and every claim holds within the bounds";
    case "incomplete":
      return "Incomplete: nothing new failed, and not everything was checked";
    case "violated":
    case "unreached":
      return plural(count, "new finding");
  }
}

const TONES: { readonly [S in FindingStatus | "cured"]: Tone } = {
  new: "bad",
  unproved: "warn",
  accepted: "warn",
  "in base": "dim",
  cured: "good",
};

function findingContent(
  finding: GateFindingReport,
  status: FindingStatus | "cured",
  report: GateReport,
  traces: Traces,
  commandsOf: (trace: TraceReport) => readonly ContentFact[],
): ContentFinding {
  const { property, claim, configs, accepted, trace, signatures } = finding;
  const places = status === "cured" ? [] : placesOf(finding, report);
  const what = findingText(finding);
  const clang = optimisationText(finding);
  return {
    name: property,
    status,
    tone: TONES[status],
    claim,
    facts: [
      ...(what === claim ? [] : [{ name: "what", text: what }]),
      { name: "where", text: configs.join("; ") },
      ...(places.length === 0
        ? []
        : [{ name: "places", text: places.map(placeText).join(", "), isCode: true as const }]),
      ...(clang === undefined ? [] : [{ name: "clang", text: clang }]),
      ...(accepted === undefined ? [] : [{ name: "accepted", text: accepted }]),
      ...(trace === null ? [] : [{ name: "steps", text: String(trace.steps.length) }]),
      ...(signatures.length === 0 ? [] : [{ name: "signature", text: signatures.join(" "), isCode: true as const }]),
    ],
    ...(trace === null ? {} : { trace: traces.add(trace, "violated", commandsOf(trace)) }),
  };
}

function tablesOf(report: GateReport): ContentTable[] {
  return [
    sentenceTable("Incomplete", incompleteSentences(report)),
    {
      title: "Compared with the base",
      notes: [baseText(report)].filter((each) => each !== ""),
      columns: [{ title: "" }, { title: "findings" }],
      rows: comparisonRows(report).map((row) => [row.title, findingNames(row)]),
    },
    changeTable(report),
    claimTable("Claims, with the C code alone", report.claims),
    claimTable("Claims, on mm images", report.image?.claims ?? []),
    {
      title: "Owner tracking, proved for any number of MMs",
      columns: [{ title: "configuration" }, { title: "verdict" }, { title: "claims" }],
      rows: (report.proofs ?? []).map(({ topic, subject, verdict, claims }) => [
        codeCell(
          withTopic(topic, subject.kind === "model" ? subject.config : [subject.config, ...subject.also].join("; ")),
        ),
        { text: verdict, tone: verdict === "proved" ? "good" : verdict === "refuted" ? "bad" : "warn" },
        claims.join(" "),
      ]),
    },
    functionTable(report),
    layoutTable(report),
    coverageTable(report.image?.coverage ?? []),
    runsTable(report.runs),
    sentenceTable("How CPUs are interleaved", interleavingSentences(report)),
    sentenceTable("Baseline entries that match no finding", unmatchedTexts(report)),
    notCheckedTable(report.notChecked),
  ];
}

function claimTable(title: string, claims: readonly GateClaimReport[]): ContentTable {
  const groups = new Map<string, GateClaimReport[]>();
  for (const claim of claims) {
    const key = `${claim.id} ${claim.verdict}`;
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  const hasProofs = claims.some(({ proved = [] }) => proved.length > 0);
  return {
    title,
    columns: [
      { title: "" },
      { title: "verdict" },
      { title: "configurations", isNumber: true },
      { title: "states", isNumber: true },
      { title: "claim" },
      ...(hasProofs ? [{ title: "proved for any size" }] : []),
    ],
    rows: [...groups.values()].map((own): TableCell[] => {
      const [first] = own as [GateClaimReport];
      const proved = [...new Set(own.flatMap((each) => each.proved ?? []))];
      const states = own.reduce((sum, each) => sum + each.states, 0);
      const cells = [first.id, verdictCell(first.verdict), own.length, states, first.claim];
      return hasProofs ? [...cells, proved.join(" ")] : cells;
    }),
  };
}

function functionTable({ functions, options }: GateReport): ContentTable {
  const rows = options.only === IMAGE_MACHINE ? [] : functionRows(functions);
  return {
    title: "Functions",
    columns: [
      { title: "" },
      { title: "outcome" },
      { title: "found at" },
      { title: "base" },
      { title: "compiled in", isNumber: true },
      { title: "states", isNumber: true },
      { title: "claims" },
    ],
    rows: rows.map((row): TableCell[] => [
      codeCell(row.name),
      outcomeCell(row),
      codeCell(row.place),
      row.status === "unchanged" ? { text: row.status, tone: "dim" } : { text: row.status, tone: "warn" },
      { text: `${row.compiled}/${row.configs}`, sort: row.compiled },
      row.states,
      row.held === row.judged ? claimsText(row) : { text: claimsText(row), tone: "bad" },
    ]),
    isFolded: rows.every((row) => toneOfOutcome(row) === undefined),
  };
}

const OUTCOME_ORDER = ["differs", "missing", "incomplete", "not reached", "ran", "conforms"];

function outcomeCell(row: GateFunctionRow): TableCell {
  const tone = toneOfOutcome(row);
  const sort = OUTCOME_ORDER.indexOf(row.outcomes[0]?.[0] ?? "");
  return { text: outcomeText(row), sort, ...(tone === undefined ? {} : { tone }) };
}

function toneOfOutcome({ outcomes }: GateFunctionRow): Tone | undefined {
  switch (outcomes[0]?.[0]) {
    case "differs":
      return "bad";
    case "missing":
    case "incomplete":
    case "not reached":
      return "warn";
    default:
      return undefined;
  }
}

function changeTable({ change }: GateReport): ContentTable {
  return {
    title: "Changed functions",
    notes:
      change === undefined
        ? []
        : [
            `${formatCount(change.lines.checked)} of ${plural(change.lines.changed, "changed line")} outside of functions checked`,
            ...change.notApplied,
          ],
    columns: [{ title: "" }, { title: "found at" }, { title: "status" }, { title: "checked" }, { title: "why not" }],
    rows: (change?.functions ?? []).map(({ name, status, checked, reason, ...place }) => [
      codeCell(name),
      codeCell(placeText(place)),
      status,
      checked ? { text: "✓ yes", tone: "good" } : { text: "no", tone: "warn" },
      reason ?? "",
    ]),
  };
}

function layoutTable({ layout = [] }: GateReport): ContentTable {
  return {
    title: "Layout of struct page and struct folio",
    columns: [{ title: "" }, { title: "architecture" }, { title: "verdict" }, { title: "layouts", isNumber: true }],
    rows: layout.map(({ id, target, verdict, layouts }) => [id, target, verdictCell(verdict), layouts]),
    isFolded: layout.every(({ verdict }) => verdict === "holds"),
  };
}
