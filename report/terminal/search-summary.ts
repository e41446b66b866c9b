/** Search report in short: the verdict, what it does not cover, and the claims by topic. */
import { lineCounts } from "../../verify/image-coverage.ts";
import type { RunReport, SearchReport, SuiteReport } from "../../verify/report/report.ts";
import type { Block } from "../text/block.ts";
import { coverageProblems, endedEarly } from "../text/findings.ts";
import { notCheckedSummary } from "../text/not-checked.ts";
import { formatCount, plural } from "../text/numbers.ts";
import { withTopic } from "../text/proof-subject.ts";
import { FIXED_SPACE, span } from "../text/styled-text.ts";
import { formatKernel, formatNonzeroBounds } from "../text/subject.ts";
import { LOST_BEHAVIOUR } from "../text/verdict.ts";
import { byNumber, type ClaimVerdict, claimSummaryLines, claimVerdicts, idsText } from "./claim-summary.ts";
import { proofVerdictSpan } from "./proof.ts";
import { extentLines, headRow, remark } from "./run.ts";

/** Largest number of coverage gaps in a summary. */
const MOST_GAPS = 5;

/**
 * Formats what belongs to the verdict, in labelled lines: extent, incomplete runs, coverage gaps, and what was not
 * checked.
 */
export function summaryRows(report: SearchReport): Block[] {
  const gaps = coverageProblems(report);
  const more = gaps.length - MOST_GAPS;
  const notChecked = notCheckedSummary(report.notChecked);
  return [
    ...(report.command === "verify" ? suiteRows(report) : runRows(report)),
    ...[...gaps.slice(0, MOST_GAPS), ...(more > 0 ? [`${formatCount(more)} more`] : [])].flatMap((gap, i) =>
      headRow(i === 0 ? "gaps" : "", gap, "warn"),
    ),
    ...(notChecked === "" ? [] : headRow("not checked", notChecked)),
  ];
}

function runRows(run: RunReport): Block[] {
  return [...extentLines(run, formatNonzeroBounds(run.bounds, FIXED_SPACE)), ...imageRows(run)];
}

function imageRows({ coverage, lockstep = [] }: RunReport): Block[] {
  const compared = lockstep.reduce((sum, each) => sum + each.compared, 0);
  const others = lockstep.flatMap(({ notCompared }) => notCompared);
  const notCompared = others.reduce((sum, { transitions }) => sum + transitions, 0);
  return [
    ...(coverage === undefined ? [] : headRow("lines", linesText(coverage))),
    ...(lockstep.length === 0
      ? []
      : headRow(
          "lockstep",
          `${plural(compared, "transition")} compared with the model, ${formatCount(notCompared)} not compared`,
        )),
  ];
}

/** Formats the line coverage of an mm image. */
export function linesText(coverage: NonNullable<RunReport["coverage"]>): string {
  const { code, reached } = lineCounts(coverage);
  const files = coverage.filter((file) => file.reached.length > 0).length;
  return `${formatCount(reached)} of ${formatCount(code)} lines with code reached, in ${plural(files, "file")} of ${formatCount(coverage.length)}`;
}

function suiteRows(report: SuiteReport): Block[] {
  const { runs, proofs } = report;
  const early = runs.filter(endedEarly).length;
  return [
    ...headRow(
      "search",
      early === 0
        ? "complete: every state within the bounds of each run was visited"
        : `${formatCount(early)} of ${plural(runs.length, "run")} ended early: states that were not visited are not checked`,
    ),
    ...headRow("machines", machinesText(report)),
    ...proofs
      .filter(({ verdict }) => verdict !== "proved")
      .flatMap(({ topic, config, verdict }) =>
        headRow("not proved", `${withTopic(topic, config)}: ${proofVerdictSpan(verdict).text}`, "bad"),
      ),
    ...provedRows(proofs),
  ];
}

function provedRows(proofs: SuiteReport["proofs"]): Block[] {
  const proved = proofs.filter(({ verdict }) => verdict === "proved");
  const claims = [...new Set(proved.flatMap((each) => each.claims))];
  return claims.length === 0
    ? []
    : headRow(
        "proved",
        `for any number of MMs, in ${plural(proved.length, "proof")}: ${idsText(claims.sort(byNumber))}`,
      );
}

/** Formats the number of runs of each machine, and of those with other kernels. */
function machinesText({ runs, kernel }: SuiteReport): string {
  const counted = (names: readonly string[]): string =>
    [...new Set(names)].map((name) => `${name} ${names.filter((each) => each === name).length}`).join(", ");
  const others = runs.map(formatKernel).filter((each) => each !== kernel);
  return `${counted(runs.map(({ machine }) => machine))}${others.length === 0 ? "" : `; of these, kernel ${counted(others)}`}`;
}

/** Formats the claims of a report by topic. */
export function claimSummary(report: SearchReport): Block[] {
  if (report.command === "check") {
    const heading = [
      span("Claims", "strong"),
      span(`  (${plural(report.properties.length, "property", "properties")})`, "dim"),
    ];
    const properties = report.properties.map(
      (property): ClaimVerdict => ({ ...property, claim: `${property.claim}${remark(property)}` }),
    );
    return claimSummaryLines(heading, [{ title: "", claims: claimVerdicts(properties) }]);
  }
  const claims = report.claims.map(
    ({ id, claim, verdict }): ClaimVerdict => ({
      id,
      verdict,
      claim: verdict === "unreached" ? `${claim} (unreached: ${LOST_BEHAVIOUR})` : claim,
    }),
  );
  return claimSummaryLines([span("Claims", "strong")], [{ title: "", claims }]);
}
