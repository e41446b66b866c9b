/** Walks on a running kernel as text. */
import { formatCall } from "../../explore/model/model.ts";
import type { LiveDifferenceReport, LiveReport } from "../../live/run/report.ts";
import { formatCount } from "./numbers.ts";
import { formatBounds } from "./subject.ts";

/** Returns the claim of a walk. */
export function claimOf({ walk }: LiveReport): string {
  return `The running kernel shows what the ${referenceOf(walk)} says`;
}

/** Formats the steps of a difference and the fields that differ, one line each. */
export function differenceText({ trace, fields }: LiveDifferenceReport, reference: string): string {
  const steps = trace.steps.map((step, i) => `${i + 1}. ${formatCall(step)}`);
  const differing = fields
    .filter(({ holds }) => !holds)
    .map(({ place, field, model, kernel }) => `${place}, ${field}: ${reference} ${model}, kernel ${kernel}`);
  return [...steps, ...differing].join("\n");
}

/** Lists the facts about a walk by name, except its verdict. */
export function factsOf(report: LiveReport): { readonly [name: string]: string } {
  const { scope, machine, kernel, config, bounds, host, coverage, steps, retries } = report;
  return {
    scope,
    machine,
    kernel,
    config,
    bounds: formatBounds(bounds),
    "running kernel": host.release,
    ...(coverage !== undefined && { coverage: `${coverage.covered} of ${coverage.reachable}` }),
    steps: formatCount(steps),
    retries: formatCount(retries),
  };
}

/** Returns the reference that the running kernel is compared with. */
export function referenceOf(walk: LiveReport["walk"]): "model" | "trace" {
  return walk.kind === "trace" ? "trace" : "model";
}
