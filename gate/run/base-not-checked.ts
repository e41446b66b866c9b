/** Parts of the base that a gate did not check. */

import { type NotChecked, skipped } from "../../invariants/not-checked.ts";
import type { GateOptionsReport } from "../../verify/report/report.ts";
import type { BaseLayout } from "../preparation/measured-layouts.ts";
import { isComplete } from "./outcome.ts";
import type { ConfiguredBaseResult } from "./unit-part.ts";

/** Lists the parts of the base that were not checked. */
export function baseNotChecked(
  base: readonly ConfiguredBaseResult[],
  layouts: BaseLayout | undefined,
  { profile }: Pick<GateOptionsReport, "profile">,
): NotChecked[] {
  const configs = (test: (each: ConfiguredBaseResult) => boolean): string =>
    base.flatMap((each) => (test(each) ? [each.config] : [])).join(" and ");
  const refusals = new Set(base.flatMap((each) => (each.base?.kind === "refused" ? [each.base.why] : [])));
  const absent = configs((each) => each.base?.kind === "absent");
  const unknown = configs((each) => each.base === undefined);
  const open = base.flatMap(({ outcomes }) =>
    outcomes.flatMap((each) => (isComplete(each) ? [] : [`${each.report.machine}, ${each.report.config}`])),
  );
  const isRun = base.some((each) => each.base?.kind === "compiled");
  const allAreNew = (where: string, reason: string): NotChecked =>
    skipped(`Which findings the base has${where}, so that all count as new`, reason);
  return [
    ...[...refusals].map((why) => allAreNew("", why)),
    ...(absent === "" ? [] : [allAreNew(` in ${absent}`, "it is not there")]),
    ...(unknown === "" ? [] : [allAreNew(` in ${unknown}`, "interrupted")]),
    ...(layouts !== undefined && layouts !== "same" && "refusal" in layouts
      ? [skipped("Which faults the layouts of the base have, so that all count as new", layouts.refusal)]
      : []),
    ...(open.length === 0
      ? []
      : [skipped("Which findings the base has in the rest of its incomplete runs", [...new Set(open)].join("; "))]),
    ...(isRun && profile !== "quick"
      ? [
          skipped(
            "What the change cures in runs that profile quick does not have",
            "on the base only those of them run that have findings in the tree",
          ),
        ]
      : []),
  ];
}
