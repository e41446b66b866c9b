/** Sums up what the runs on mm images say of a tree. */
import type { Verdict } from "../explore/search.ts";
import type { GateOutcome } from "./gate-outcome.ts";
import type { GateClaimReport, PropertyReport } from "./report.ts";
import { claimVerdict } from "./run-verdict.ts";

/** The properties, each in each configuration, in the order of the machine. */
export function imageClaimReports(outcomes: readonly GateOutcome[]): GateClaimReport[] {
  const configs = [...new Set(outcomes.map(({ report }) => report.config))];
  return configs.flatMap((config) => {
    const own = outcomes.filter(({ report }) => report.config === config);
    const [first] = own;
    return (first?.report.properties ?? []).map(({ id, claim }) => {
      const asking = own.flatMap(({ report, followed }) => {
        const property = report.properties.find((each) => each.id === id);
        return property === undefined || isLeftToNext(property, followed)
          ? []
          : [{ report, verdict: property.verdict }];
      });
      const verdicts = asking.map(({ verdict }): Verdict => verdict);
      const states = asking.reduce((sum, { report }) => sum + report.states, 0);
      return { id, claim, config, verdict: claimVerdict(verdicts), states };
    });
  });
}

/** Whether what is open is decided by the run that followed. */
function isLeftToNext({ verdict }: PropertyReport, followed: boolean): boolean {
  return followed && verdict === "incomplete";
}

/** The sentence for a tree whose image was not explored. */
export function imageSentence(why: string): string {
  return `Callers of these functions, in whole files (mm images): ${why}`;
}

/** What the runs say nothing about, in sentences, each once. */
export function imageNotChecked(outcomes: readonly GateOutcome[]): string[] {
  const sentences = outcomes.flatMap(({ report, followed }) => (followed ? [] : report.notChecked));
  return [...new Set(sentences)].map((each) => `On mm images: ${each}`);
}
