/** Report on the runs on mm images. */

import type { Verdict } from "../../explore/search/search.ts";
import { distinct, type NotChecked, notChecked, skipped } from "../../invariants/not-checked.ts";
import { linesNotReached } from "../../verify/image-coverage.ts";
import type { GateClaimReport, GateOptionsReport, PropertyReport } from "../../verify/report/report.ts";
import { claimVerdict } from "../../verify/run-verdict.ts";
import type { FileCoverage } from "../image/module/coverage.ts";
import type { ImageBaseResult } from "./image-base.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";

/** Combines the verdicts of each property in each configuration, in the order of the machine. */
export function imageClaimReports(outcomes: readonly GateOutcome[]): GateClaimReport[] {
  const configs = [...new Set(outcomes.map(({ report }) => report.config))];
  return configs.flatMap((config) => {
    const own = outcomes.filter(({ report }) => report.config === config);
    const [first] = own;
    return (first?.report.properties ?? []).map(({ id, claim }) => {
      const results = own.flatMap(({ report, hasFollowUp }) => {
        const property = report.properties.find((each) => each.id === id);
        return property === undefined || isLeftToNext(property, hasFollowUp)
          ? []
          : [{ report, verdict: property.verdict }];
      });
      const verdicts = results.map(({ verdict }): Verdict => verdict);
      const states = results.reduce((sum, { report }) => sum + report.states, 0);
      return { id, claim, config, verdict: claimVerdict(verdicts), states };
    });
  });
}

/** Whether the follow-up run decides an incomplete property. */
function isLeftToNext({ verdict }: PropertyReport, hasFollowUp: boolean): boolean {
  return hasFollowUp && verdict === "incomplete";
}

/** Reports that the images of a tree were not explored. */
export function imageNotExplored(why: string): NotChecked {
  return skipped("Callers of these functions, in whole files (mm images)", why);
}

/** Lists the parts that the runs do not check, each once. @param coverage line coverage, merged over all runs */
export function imageNotChecked(outcomes: readonly GateOutcome[], coverage: readonly FileCoverage[]): NotChecked[] {
  const steps = [...new Set(outcomes.flatMap(({ report }) => report.bounds["steps"] || []))].sort((a, b) => a - b);
  const ofRuns = outcomes.flatMap(({ report, hasFollowUp }) =>
    hasFollowUp ? [] : report.notChecked.filter(({ topic }) => topic !== "lines" && topic !== "length"),
  );
  const length: NotChecked[] =
    steps.length === 0
      ? []
      : [
          {
            ...notChecked("executions of more operations than the steps of each run", steps.join(", ")),
            topic: "length",
          },
        ];
  return [...distinct(ofRuns), ...length, ...linesNotReached(coverage)].map(ofImages);
}

function ofImages(each: NotChecked): NotChecked {
  return { ...each, part: "images" };
}

/** Counts the runs of the base. */
export function imageBaseRuns(base: readonly ImageBaseResult[]): number {
  return base.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
}

/** Lists the parts of the base that were not checked. */
export function imageBaseNotChecked(
  base: readonly ImageBaseResult[],
  { profile }: Pick<GateOptionsReport, "profile">,
): NotChecked[] {
  const refused = base.flatMap(({ config, refusal }) => (refusal === undefined ? [] : [`${config}: ${refusal}`]));
  const open = base.filter(({ outcomes }) => !outcomes.every(isComplete)).map(({ config }) => config);
  return [
    ...(refused.length === 0
      ? []
      : [
          skipped(
            "Which findings the base has, so that all count as new",
            `its image does not compile in ${refused.join("; ")}`,
          ),
        ]),
    ...(open.length === 0
      ? []
      : [skipped(`Which findings the base has in the rest of its incomplete runs, in ${open.join(" and ")}`)]),
    ...(imageBaseRuns(base) === 0 || profile === "quick"
      ? []
      : [notChecked("What the change cures beyond the operations of profile quick")]),
  ].map(ofImages);
}
