/** States and executions that a search did not visit. */

import { describeStop } from "../explore/search/budget.ts";
import type { SearchResult } from "../explore/search/search.ts";
import { type NotChecked, notChecked, skipped } from "../invariants/not-checked.ts";
import type { Job } from "./job/job.ts";

/** Lists the states and executions that a search did not visit, the most important first. */
export function notVisited(job: Pick<Job, "allViolations">, result: SearchResult): NotChecked[] {
  return result.simulation === undefined ? notExpanded(job.allViolations === true, result) : notWalked(result);
}

function notWalked({ outcome, stopped }: SearchResult): NotChecked[] {
  return [
    skipped("Executions that no random walk took", "random walks show violations, never their absence"),
    ...(outcome === "violated"
      ? [
          skipped(
            "Whether a shorter execution fails",
            "the trace of a random walk is shortened, but need not be a shortest one",
          ),
        ]
      : []),
    ...(stopped === undefined || stopped === "simulated"
      ? []
      : [skipped("The remaining walks", describeStop(stopped))]),
  ];
}

function notExpanded(allViolations: boolean, result: SearchResult): NotChecked[] {
  const { outcome, stopped, frontier, beyond, leftOut, estimatedStates } = result;
  const isViolated = outcome === "violated";
  const size = estimatedStates === undefined ? "" : ` (all states: about ${rounded(estimatedStates)}, an estimate)`;
  const rest = `with ${frontier} state${frontier === 1 ? "" : "s"} not expanded${size}`;
  return [
    ...(isViolated && !allViolations
      ? [skipped("Everything after the first violation", `the search stopped there, ${rest}`)]
      : []),
    ...(isViolated && allViolations
      ? [
          notChecked(
            "Whether one violation follows from another",
            "the search continued from violating states as from any other",
          ),
        ]
      : []),
    ...(leftOut === undefined
      ? []
      : [
          skipped(
            `Successors that no state can represent, and states after them; steps: ${leftOut.steps}, the first`,
            leftOut.why,
          ),
        ]),
    ...(stopped === undefined
      ? []
      : [
          {
            ...notChecked("The rest of the state space", `${beyond ?? describeStop(stopped)}, ${rest}`),
            topic: "stopped" as const,
          },
        ]),
  ];
}

/** Rounds an estimate to its two significant digits. */
function rounded(count: number): number {
  return Number(count.toPrecision(2));
}
