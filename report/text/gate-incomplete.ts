/**
 * Why a gate is incomplete: which runs were cut short, in one sentence for each configuration and reason, since there
 * are many runs; and what of the change was not checked, where it had to be.
 */
import { describeStop } from "../../explore/search/budget.ts";
import type { GateReport } from "../../verify/report/report.ts";
import { coverageGaps } from "./gate-change.ts";
import { plural } from "./numbers.ts";

/** The sentences. */
export function incompleteSentences({ runs, change, options }: GateReport): string[] {
  const cut = runs.flatMap(({ config, machine, stopped }) =>
    stopped === undefined ? [] : [{ config, machine, stopped }],
  );
  const groups = new Map<string, typeof cut>();
  for (const run of cut) {
    const key = `${run.config} ${run.stopped}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const gaps = options.requireCoverage === true && change !== undefined ? coverageGaps(change) : [];
  const cutShort = [...groups.values()].flatMap((group) => {
    const [first] = group;
    const machines = [...new Set(group.map(({ machine }) => machine))].join(", ");
    return first === undefined
      ? []
      : [`${first.config}: ${plural(group.length, "run")} of ${machines}: ${describeStop(first.stopped)}`];
  });
  return [...cutShort, ...gaps.map((each) => `${each}, and --require-coverage was given`)];
}
