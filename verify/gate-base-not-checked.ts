/** Parts of the base that a gate did not check. */
import type { BaseLayout } from "../gate/preparation-thread.ts";
import type { ConfiguredBaseResult } from "./gate.ts";
import { isComplete } from "./gate-outcome.ts";
import type { GateOptionsReport } from "./report.ts";

/** The sentences. */
export function baseNotChecked(
  base: readonly ConfiguredBaseResult[],
  layouts: BaseLayout | undefined,
  { profile }: Pick<GateOptionsReport, "profile">,
): string[] {
  const configs = (test: (each: ConfiguredBaseResult) => boolean): string =>
    base.flatMap((each) => (test(each) ? [each.config] : [])).join(" and ");
  const refusals = new Set(base.flatMap((each) => (each.base?.kind === "refused" ? [each.base.why] : [])));
  const absent = configs((each) => each.base?.kind === "absent");
  const unknown = configs((each) => each.base === undefined);
  const open = base.flatMap(({ outcomes }) =>
    outcomes.flatMap((each) => (isComplete(each) ? [] : [`${each.report.machine}, ${each.report.config}`])),
  );
  const isRun = base.some((each) => each.base?.kind === "compiled");
  return [
    ...[...refusals].map((why) => `Which findings the base has, so that all count as new: ${whyNot(why)}`),
    ...(absent === "" ? [] : [`Which findings the base has in ${absent}, so that all count as new: it is not there`]),
    ...(unknown === "" ? [] : [`Which findings the base has in ${unknown}, so that all count as new: interrupted`]),
    ...(layouts !== undefined && layouts !== "same" && "refusal" in layouts
      ? [`Which faults the layouts of the base have, so that all count as new: ${whyNot(layouts.refusal)}`]
      : []),
    ...(open.length === 0
      ? []
      : [`Which findings the base has in the rest of its incomplete runs: ${[...new Set(open)].join("; ")}`]),
    ...(isRun && profile !== "quick"
      ? [
          `What the change cures in runs that profile quick does not have: of these the base has those with findings only`,
        ]
      : []),
  ];
}

/** The reason why a base cannot be gated: the gate itself goes on. */
function whyNot(refusal: string): string {
  return refusal.replace(/; nothing was checked/, "");
}
