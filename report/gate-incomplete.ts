/** Which runs of a gate were cut short: one sentence for each configuration and reason, since there are many runs. */
import { describeStop } from "../explore/budget.ts";
import type { GateReport } from "../verify/report.ts";
import { plural } from "./numbers.ts";

/** The sentences. */
export function incompleteSentences({ runs }: GateReport): string[] {
  const cut = runs.flatMap(({ config, machine, stopped }) =>
    stopped === undefined ? [] : [{ config, machine, stopped }],
  );
  const groups = new Map<string, typeof cut>();
  for (const run of cut) {
    const key = `${run.config} ${run.stopped}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const machines = [...new Set(group.map(({ machine }) => machine))].join(", ");
    return first === undefined
      ? []
      : [`${first.config}: ${plural(group.length, "run")} of ${machines}: ${describeStop(first.stopped)}`];
  });
}
