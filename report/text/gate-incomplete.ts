/**
 * Reasons for an incomplete gate: incomplete runs, one sentence for each configuration and reason because there are
 * many runs; unproved obligations; and unchecked parts of the change, if --require-coverage requires them.
 */
import { describeStop } from "../../explore/search/budget.ts";
import { findingsWithStatus } from "../../gate/run/finding-status.ts";
import type { GateReport } from "../../verify/report/report.ts";
import { coverageGaps } from "./gate-change.ts";
import { plural } from "./numbers.ts";

/** Returns the reasons as sentences. */
export function incompleteSentences({ runs, change, options, findings }: GateReport): string[] {
  const incompleteRuns = runs.flatMap(({ config, machine, stopped }) =>
    stopped === undefined ? [] : [{ config, machine, stopped }],
  );
  const groups = new Map<string, typeof incompleteRuns>();
  for (const run of incompleteRuns) {
    const key = `${run.config} ${run.stopped}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const gaps = options.requireCoverage === true && change !== undefined ? coverageGaps(change) : [];
  const reasons = [...groups.values()].flatMap((group) => {
    const [first] = group;
    const machines = [...new Set(group.map(({ machine }) => machine))].join(", ");
    return first === undefined
      ? []
      : [`${first.config}: ${plural(group.length, "run")} of ${machines}: ${describeStop(first.stopped)}`];
  });
  const unproved = findingsWithStatus("unproved", findings).map(({ property }) => property);
  return [
    ...reasons,
    ...(unproved.length === 0
      ? []
      : [
          `${unproved.join(", ")}: not proved, as the invariant is too weak for this code; no execution is known to fail`,
        ]),
    ...gaps.map((each) => `${each}, and --require-coverage was given`),
  ];
}
