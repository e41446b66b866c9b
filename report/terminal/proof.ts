/** Proof report for the terminal. */
import type { FormulaResult, ObligationResult, SubjectResult, SubjectVerdict } from "../../proof/proof-result.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import { type Block, labelled } from "../text/block.ts";
import { formatBytes, formatCount, formatSeconds, plural } from "../text/numbers.ts";
import { printSections, type VerbosePrintOptions } from "../text/print-lines.ts";
import { counterexampleLines, reachabilityLines } from "../text/proof-counterexample.ts";
import { subjectText } from "../text/proof-subject.ts";
import { type Line, type Role, type Span, span } from "../text/styled-text.ts";
import { table } from "../text/table.ts";

/** Formats a report: in short, or with how each subject was proved. */
export function proofPretty(report: ProofReport, { verbose = false, ...options }: VerbosePrintOptions): string {
  const sections: Block[][] = [
    verbose ? [[span(headline(report), "strong")]] : [shortHeadline(report), ...shortSubjectLines(report)],
    ...(verbose ? report.subjects.map(subjectLines) : []),
    ...report.subjects.flatMap((subject) => failureSections(subject)),
    [
      [span("Assumed", "strong")],
      ...report.assumptions.flatMap((sentence) => labelled(span("  -"), sentence, 4, "dim")),
    ],
    verbose ? [] : [VERBOSE_HINT],
    // Below counterexamples the first line is out of sight.
    verbose || report.verdict !== "proved" ? [verdictLine(report)] : [],
  ];
  return printSections(sections, options);
}

const VERBOSE_HINT: Line = [span("--verbose prints how each subject was proved, and the time", "dim")];

/** Formats the verdict before the subject. */
function shortHeadline(report: ProofReport): Line {
  const [verdict = span(""), time = span("")] = verdictLine(report);
  return [verdict, span(`: ${headline(report)}`, "strong"), time];
}

/** Formats a row for each subject: its verdict, for which sizes, and the claims. */
function shortSubjectLines({ subjects }: ProofReport): Block[] {
  const rows = subjects.map((result): Span[] => {
    const { claims, formulas, withoutFormulas } = result;
    const sizes =
      formulas !== undefined
        ? "for every size"
        : `for small sizes${withoutFormulas === undefined ? "" : `, as ${withoutFormulas}`}`;
    return [
      span(subjectText(result), "strong"),
      proofVerdictSpan(result.verdict),
      span(claims.length === 0 ? "no claim is proved" : `${claims.join(" ")}, ${sizes}`),
    ];
  });
  return table([{ title: "" }, { title: "" }, { title: "", wraps: true }], rows, 2);
}

function headline({ tree, patch }: ProofReport): string {
  const subject = tree === undefined ? "the model" : `the C of ${tree}${patch === undefined ? "" : ` with ${patch}`}`;
  return `MM owner tracking, for any number of MMs: ${subject}`;
}

const VERDICTS: { readonly [verdict in SubjectVerdict]: string } = {
  proved: "proved",
  refuted: "refuted",
  "not inductive": "not proved: the invariant is too weak for this code",
  unknown: "unknown",
};

/** Formats a verdict with its mark and colour. */
export function proofVerdictSpan(verdict: SubjectVerdict): Span {
  const roles: { readonly [verdict in SubjectVerdict]: Role } = {
    proved: "good",
    refuted: "bad",
    "not inductive": "warn",
    unknown: "warn",
  };
  const marks = { proved: "✓", refuted: "✗", "not inductive": "…", unknown: "…" };
  return span(`${marks[verdict]} ${VERDICTS[verdict]}`, roles[verdict]);
}

const LABEL = 15;

/** Meanings of the two forms of the invariant of owner tracking. */
const INVARIANTS: { readonly [name in SubjectResult["invariant"]]: string } = {
  strong: "preserved in its strong form: a folio is marked as shared exactly when neither slot counts every mapping",
  weak: "preserved in its weak form: a folio that is not marked as shared is mapped by one MM only",
};

function invariantText({ topic, invariant }: SubjectResult): string {
  return topic === "tracking"
    ? INVARIANTS[invariant]
    : `preserved, with the ${invariant} form of that of owner tracking: statistics count all pages of a folio exactly while it is mapped`;
}

/** Formats the results of a proof: invariant, methods and claims. */
export function subjectLines(result: SubjectResult): Block[] {
  const { verdict, claims, formulas, withoutFormulas } = result;
  const line = (label: string, text: string): Block[] => labelled(span(`  ${label}`), text, LABEL);
  return [
    [span(subjectText(result), "strong"), span("  "), proofVerdictSpan(verdict)],
    ...(verdict === "proved" ? line("invariant", invariantText(result)) : []),
    ...line("enumeration", enumerationText(result)),
    ...(formulas === undefined ? [] : line("formulas", formulasText(formulas))),
    ...(withoutFormulas === undefined ? [] : line("formulas", `none: ${withoutFormulas}`)),
    ...line("claims", claims.length === 0 ? "none is proved" : claims.join(" ")),
  ];
}

function enumerationText({ topic, enumeration }: SubjectResult): string {
  const { bounds, states, steps, coverage, needed, seconds } = enumeration;
  const { pages, mappings, others } = bounds;
  const covered =
    coverage === undefined
      ? ""
      : `; ${coverage.mms} MMs reach ${formatCount(coverage.reached - coverage.missing)} of these states and ` +
        `${coverage.missing === 0 ? "no other" : `${formatCount(coverage.missing)} others`}: ` +
        `${formatCount(coverage.unreached)} states are covered besides`;
  const idle = needed?.filter(({ fails }) => fails.length === 0).map(({ part }) => part) ?? [];
  const parts =
    needed === undefined
      ? ""
      : idle.length === 0
        ? "; every part of the invariant is needed"
        : `; idle: ${idle.join(", ")}`;
  return (
    `${formatCount(steps)} operations from ${formatCount(states)} states: ${topic === "tracking" ? "" : "2 and "}${pages} pages, up to ${mappings} mappings of one MM, ` +
    `${others} of all others together${covered}${parts} (${formatSeconds(seconds)})`
  );
}

function formulasText(formulas: FormulaResult): string {
  const { solvers, queries, bytes, obligations, possible, notPossible, shown, notShown, executions, seconds } =
    formulas;
  const proved = obligations.filter(({ verdict }) => verdict === "proved").length;
  const answers = solvers.map(
    ({ name, seconds: taken, fromCache }) =>
      `${name} ${formatSeconds(taken)}${fromCache === 0 ? "" : ` (${formatCount(fromCache)} cached)`}`,
  );
  return [
    `${formatCount(proved)} of ${plural(obligations.length, "obligation")} proved for every size`,
    `${formatCount(possible)} situations possible${list(", and not shown to be: ", notPossible)}`,
    `${formatCount(shown)} witnesses and needed parts shown${list(", and not: ", notShown)}`,
    `${formatCount(executions)} executions of the code agree`,
    `${formatCount(queries)} queries, ${formatBytes(bytes)}: ${answers.join(", ")} (${formatSeconds(seconds)})`,
  ].join("; ");
}

/** Appends names to a text; empty if there are no names. */
function list(text: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${text}${names.join(", ")}`;
}

/**
 * Formats the obligations that are not proved: the smallest counterexample, the other refuted ones by name, the unknown
 * ones.
 */
export function failureSections(result: SubjectResult): Block[][] {
  const all = [...(result.formulas?.obligations ?? []), ...result.enumeration.obligations];
  const refuted = all.filter(({ verdict }) => verdict === "refuted");
  const unknown = all.filter(({ verdict }) => verdict === "unknown");
  const smallest = smallestOf(refuted);
  const names = [...new Set(refuted.filter((each) => each !== smallest).map(nameOf))].filter(
    (name) => smallest === undefined || name !== nameOf(smallest),
  );
  return [
    ...(smallest === undefined ? [] : [counterexampleLines(smallest, subjectText(result))]),
    ...(result.reachability === undefined ? [] : [reachabilityLines(result.reachability)]),
    ...(names.length === 0 ? [] : [labelled(span("Also refuted"), names.join(", "), LABEL, "dim")]),
    ...(unknown.length === 0
      ? []
      : [
          [
            [span("Not known", "strong")],
            ...unknown.flatMap((each) => labelled(span("  -"), `${nameOf(each)}: ${each.why ?? ""}`, 4)),
          ],
        ]),
  ];
}

/** Formats an obligation: `sub: whole`. */
function nameOf({ from, to }: ObligationResult): string {
  return `${from}: ${to}`;
}

/** Returns the obligation whose counterexample has the fewest pages and mappings. */
function smallestOf(refuted: readonly ObligationResult[]): ObligationResult | undefined {
  const size = ({ counterexample }: ObligationResult): number =>
    counterexample === undefined
      ? Number.POSITIVE_INFINITY
      : counterexample.nrPages +
        (counterexample.kind === "step" ? counterexample.before.mappings : counterexample.state.mappings);
  return refuted.reduce<ObligationResult | undefined>(
    (least, each) => (least === undefined || size(each) < size(least) ? each : least),
    undefined,
  );
}

function verdictLine({ verdict, subjects, seconds }: ProofReport): Line {
  const word = proofVerdictSpan(verdict);
  const failed = subjects.filter((each) => each.verdict === verdict).length;
  const of = subjects.length === 1 ? "" : ` in ${failed} of ${subjects.length}`;
  return [
    { ...word, text: `${word.text}${verdict === "proved" ? "" : of}` },
    span(` in ${formatSeconds(seconds)}`, "dim"),
  ];
}
