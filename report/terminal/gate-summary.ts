/** Gate report in short: the verdict with what it does not cover, and functions, claims and runs in few lines. */

import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import { claimOf } from "../../invariants/catalogue.ts";
import type { GateFindingReport, GateReport, RunReport } from "../../verify/report/report.ts";
import { claimVerdict, worst } from "../../verify/run-verdict.ts";
import { type Block, following, labelled } from "../text/block.ts";
import { changeRemark } from "../text/gate-change.ts";
import { baseText, comparisonRows, findingNames } from "../text/gate-comparison.ts";
import { incompleteSentences } from "../text/gate-incomplete.ts";
import { kernelText } from "../text/gate-kernel.ts";
import { functionRows, type GateFunctionRow, outcomeRole, outcomeText } from "../text/gate-table.ts";
import { notCheckedSummary, notCheckedText } from "../text/not-checked.ts";
import { formatBytes, formatCount, formatSeconds, plural } from "../text/numbers.ts";
import { type Line, type Role, type Span, span } from "../text/styled-text.ts";
import { table } from "../text/table.ts";
import { isFailure, verdictSpan } from "../text/verdict.ts";
import { byNumber, type ClaimVerdict, claimSummaryLines, claimVerdicts, idsText } from "./claim-summary.ts";
import { proofVerdictSpan } from "./proof.ts";
import { headRow } from "./run.ts";
import { bulletSection } from "./search.ts";
import { linesText } from "./search-summary.ts";

/** Largest number of unchecked places of a change in a short report. */
const MOST_PLACES = 10;

/** Last line of a short report without new findings. */
export const GATE_HINT: readonly Block[] = labelled(
  span(""),
  "--verbose prints every function, run and claim, and the reasons for what was not checked",
  0,
  "dim",
);

/** Lists the configurations of a gate. */
export function gateConfigs({ functions }: GateReport): string[] {
  return [...new Set(functions.map(({ config }) => config))];
}

/** Formats the verdict, with the parts of the change that were not checked. */
export function gateVerdict(report: GateReport): Line {
  const remark = changeRemark(report);
  return [verdictSpan(report.verdict), ...(remark === "" ? [] : [span(remark, "warn")])];
}

/** Formats the totals of all runs. */
export function gateTotals({ runs, states, transitions, seconds, peakMemoryBytes }: GateReport): string {
  return [
    plural(runs.length, "run"),
    plural(states, "state"),
    plural(transitions, "transition"),
    formatSeconds(seconds),
    `${formatBytes(peakMemoryBytes)} at the peak`,
  ].join(" · ");
}

/** Formats the verdict, the findings by name, and what was not checked. */
export function gateHead(report: GateReport): Block[] {
  const { tree, profile, findings, exceptions = [], base, modelKernel } = report;
  const named = (label: string, own: readonly GateFindingReport[], role?: Role): Block[] =>
    own.length === 0 ? [] : headRow(label, namesText(own), role);
  const configs = plural(gateConfigs(report).length, "configuration");
  const notChecked = notCheckedSummary(report.notChecked.filter(({ subject }) => !isOfChange(subject)));
  return [
    ...following(gateVerdict(report), `: tree ${tree}, profile ${profile}, ${configs}`, "strong"),
    ...named("accepted", findingsWithStatus("accepted", findings)),
    ...(base === undefined
      ? [
          ...named("new", findingsWithStatus("new", findings), "bad"),
          ...named("not proved", findingsWithStatus("unproved", findings), "warn"),
        ]
      : [
          ...comparisonRows(report).flatMap((row) =>
            headRow(
              row.title,
              findingNames(row),
              row.title === "brings" && row.findings.length > 0 ? "bad" : undefined,
            ),
          ),
          ...headRow("base", baseText(report)),
        ]),
    ...(exceptions.length === 0
      ? []
      : headRow("exceptions", `known, and reached: ${exceptions.map(({ property }) => property).join(", ")}`)),
    ...incompleteSentences(report).flatMap((each, i) => headRow(i === 0 ? "incomplete" : "", each, "warn")),
    ...(notChecked === "" ? [] : headRow("not checked", notChecked)),
    ...headRow("model", kernelText(modelKernel)),
    ...headRow("cost", gateTotals(report)),
  ];
}

function namesText(findings: readonly GateFindingReport[]): string {
  return [...new Set(findings.map(({ property }) => property))].join(", ");
}

function isOfChange(subject: GateReport["notChecked"][number]["subject"]): boolean {
  return typeof subject === "object" && ("lines" in subject || "function" in subject);
}

/** Formats the changed lines and functions that were not checked, each with the reason. */
export function uncheckedChangeLines({ notChecked }: GateReport): Block[] {
  const texts = notChecked.filter(({ subject }) => isOfChange(subject)).map(notCheckedText);
  const more = texts.length - MOST_PLACES;
  return bulletSection("Changed, and not checked", [
    ...texts.slice(0, MOST_PLACES),
    ...(more > 0 ? [`${formatCount(more)} more`] : []),
  ]);
}

/** Formats functions, claims and runs in few lines. */
export function gateOverview(report: GateReport): Block[][] {
  const claimsOf = (status: "accepted" | "new"): Set<string> =>
    new Set(findingsWithStatus(status, report.findings).map(({ property }) => claimOf(property)));
  const accepted = claimsOf("accepted");
  for (const claim of claimsOf("new")) {
    accepted.delete(claim);
  }
  return [
    functionLines(report),
    claimSummaryLines(
      [span("Claims", "strong")],
      [
        { title: "C code alone", claims: mergedClaims(report.claims, accepted) },
        { title: "mm images", claims: mergedClaims(report.image?.claims ?? [], accepted) },
      ],
    ),
    checkLines(report),
  ];
}

/** Formats the functions by outcome; those that conform, or only ran as callees, as their number. */
function functionLines({ functions }: GateReport): Block[] {
  const rows = functionRows(functions);
  const plain = (outcome: string): GateFunctionRow[] =>
    rows.filter((row) => row.status === "unchanged" && outcomeText(row) === outcome);
  const [conforming, running] = [plain("conforms"), plain("ran")];
  const others = rows.filter((row) => !conforming.includes(row) && !running.includes(row));
  const byOutcome = new Map<string, GateFunctionRow[]>();
  for (const row of others) {
    const key = `${row.status === "changed" || row.status === "new" ? `${row.status}, ` : ""}${outcomeText(row)}`;
    byOutcome.set(key, [...(byOutcome.get(key) ?? []), row]);
  }
  const lines: Span[][] = [
    ...[...byOutcome].map(([outcome, own]): Span[] => [
      span(outcome, outcomeRole(own[0] as GateFunctionRow)),
      span(String(own.length)),
      span(functionNames(own)),
    ]),
    ...(conforming.length === 0 ? [] : [[span("conforms", "good"), span(String(conforming.length)), span("others")]]),
    ...(running.length === 0 ? [] : [[span("ran"), span(String(running.length)), span("as callees of these")]]),
  ];
  return lines.length === 0
    ? []
    : [
        [span("Functions", "strong")],
        ...table([{ title: "" }, { title: "", align: "right" }, { title: "", wraps: true }], lines, 2),
      ];
}

/** Largest number of names in a row of functions of which none is changed and none differs. */
const MOST_NAMES = 2;

/** Lists functions: all that are changed or differ, else the first ones and the number of the others. */
function functionNames(rows: readonly GateFunctionRow[]): string {
  const names = rows.map(({ name }) => name);
  const isShort = names.length <= MOST_NAMES || rows.some((row) => row.status !== "unchanged" || differs(row));
  return isShort
    ? names.join(", ")
    : `${names.slice(0, MOST_NAMES).join(", ")} and ${formatCount(names.length - MOST_NAMES)} more`;
}

function differs({ outcomes }: GateFunctionRow): boolean {
  return outcomes.some(([outcome]) => outcome === "differs");
}

/** Merges the claims of all configurations. @param accepted claims whose findings are all accepted */
function mergedClaims(claims: GateReport["claims"], accepted: ReadonlySet<string>): ClaimVerdict[] {
  const ids = [...new Set(claims.map(({ id }) => id))];
  const properties = ids.map((id): ClaimVerdict => {
    const own = claims.filter((each) => each.id === id);
    const failed = own.filter(({ verdict }) => isFailure(verdict));
    const where = failed.length === 0 ? "" : ` (in ${failed.length} of ${plural(own.length, "configuration")})`;
    return {
      id,
      claim: `${own[0]?.claim ?? ""}${where}`,
      verdict: claimVerdict(own.map(({ verdict }) => verdict)),
      isAccepted: accepted.has(claimOf(id)),
    };
  });
  return claimVerdicts(properties);
}

/** Formats the runs, the proofs and the layouts, a row for each kind. */
function checkLines(report: GateReport): Block[] {
  const { runs, image } = report;
  const kind = ({ machine, interleaving }: RunReport): string =>
    machine === IMAGE_MACHINE ? "mm images" : interleaving === undefined ? "functions" : "races";
  const rows = ["functions", "races", "mm images"].flatMap((name): Span[][] => {
    const own = runs.filter((run) => kind(run) === name);
    const lines = name === "mm images" && image !== undefined ? `; ${linesText(image.coverage)}` : "";
    return own.length === 0
      ? []
      : [[span(name), verdictSpan(worst(own.map(({ verdict }) => verdict))), span(`${runsText(own)}${lines}`)]];
  });
  const all = [...rows, ...proofRows(report), ...layoutRows(report)];
  return all.length === 0
    ? []
    : [
        [span("Runs, proofs and layouts", "strong")],
        ...table([{ title: "" }, { title: "" }, { title: "", wraps: true }], all, 2),
      ];
}

/** Formats the number of runs and of states, and how many runs do not hold. */
function runsText(runs: readonly RunReport[]): string {
  const states = runs.reduce((sum, each) => sum + each.states, 0);
  const failed = runs.filter(({ verdict }) => isFailure(verdict)).length;
  const incomplete = runs.filter(({ verdict }) => verdict === "incomplete").length;
  return [
    plural(runs.length, "run"),
    ...(failed === 0 ? [] : [`${formatCount(failed)} with a violation`]),
    ...(incomplete === 0 ? [] : [`${formatCount(incomplete)} incomplete`]),
    plural(states, "state"),
  ].join(", ");
}

function proofRows({ proofs = [] }: GateReport): Span[][] {
  const verdicts = [...new Set(proofs.map(({ verdict }) => verdict))];
  return verdicts.map((verdict) => {
    const own = proofs.filter((each) => each.verdict === verdict);
    const claims = [...new Set(own.flatMap((each) => each.claims))];
    const enumerated = own.filter(({ formulas }) => formulas === undefined).length;
    const how = enumerated === 0 ? "" : `; ${formatCount(enumerated)} by enumeration alone, for small sizes`;
    return [
      span("any number of MMs"),
      proofVerdictSpan(verdict),
      span(`${plural(own.length, "proof")}${how}${claims.length === 0 ? "" : `: ${idsText(claims.sort(byNumber))}`}`),
    ];
  });
}

function layoutRows({ layout = [] }: GateReport): Span[][] {
  const verdicts = [...new Set(layout.map(({ verdict }) => verdict))];
  return verdicts.map((verdict) => {
    const own = layout.filter((each) => each.verdict === verdict);
    const ids = [...new Set(own.map(({ id }) => id))];
    const texts = ids.map((id) => {
      const targets = own.filter((each) => each.id === id).map(({ target }) => target);
      return `${id} (${targets.join(", ")})`;
    });
    return [span("layouts"), verdictSpan(verdict), span(verdict === "holds" ? layoutsText(own) : texts.join(", "))];
  });
}

function layoutsText(layout: NonNullable<GateReport["layout"]>): string {
  const [ids, targets] = [layout.map(({ id }) => id), layout.map(({ target }) => target)].map((all) => [
    ...new Set(all),
  ]);
  return `${ids?.join(", ")} on ${targets?.join(", ")}`;
}
