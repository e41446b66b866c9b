/**
 * Prints a table of costs for the shards of verify or gate, from a report:
 *
 *     foliocheck verify --profile deep --max-states 100000 --workers 1 --reporter json:report.json
 *     node bench/costs.mjs report.json
 *
 * The cost of a run that a limit ended is extrapolated by its estimate of all states.
 */
import { readFileSync } from "node:fs";
import { costKey } from "../dist/verify/shard/costs.js";

/** Most milliseconds of an extrapolation, which is often far too high. */
const MOST = 600_000;

/** Milliseconds of a run that ended early without an estimate. */
const UNKNOWN = 120_000;

/** @typedef {import("../dist/verify/report/report.js").RunReport} Run */

/** @param {Run} run */
function milliseconds({ cpuSeconds, stopped, estimatedStates, states }) {
  const measured = cpuSeconds * 1000;
  const whole =
    stopped === undefined
      ? measured
      : estimatedStates === undefined
        ? Math.max(measured, UNKNOWN)
        : Math.max(measured, Math.min(MOST, (measured * estimatedStates) / states));
  return Number(Math.max(1, whole).toPrecision(2));
}

const [file = ""] = process.argv.slice(2);
const { runs } = /** @type {{ runs: readonly Run[] }} */ (JSON.parse(readFileSync(file, "utf8")));
const costs = new Map();
for (const run of runs) {
  const key = costKey(run);
  costs.set(key, Math.max(costs.get(key) ?? 0, milliseconds(run)));
}
for (const [key, cost] of [...costs].sort(([one], [other]) => (one < other ? -1 : 1))) {
  console.log(`  ${JSON.stringify(key)}: ${cost.toLocaleString("en-US").replaceAll(",", "_")},`);
}
