/**
 * Prints a table of costs for the shards of verify or gate, from a report:
 *
 *     foliocheck verify --profile deep --max-states 100000 --workers 1 --reporter json:report.json
 *     foliocheck gate --tree linux --config page-mapcount,64bit,mm-id no-page-mapcount,64bit,mm-id \
 *       --profile deep --max-states 40000 --no-proof --workers 1 --reporter json:report.json
 *     node bench/costs.mjs report.json
 *
 * The cost of a run that a limit ended is extrapolated by its estimate of all states.
 */
import { readFileSync } from "node:fs";

/** Most milliseconds of an extrapolation, which is often far too high. */
const MOST = 600_000;

/** Milliseconds of a run that ended early without an estimate. */
const UNKNOWN = 120_000;

/** @typedef {import("../verify/report/report.ts").RunReport} Run */

/** @param {string} path */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

const { gateCostKey } = await built("gate/run/gate-shard.js");
const { parseConfig } = await built("model/kernel/config.js");
const { costKey } = await built("verify/shard/costs.js");

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

/** @param {Run} run */
function keyInGate(run) {
  const mode = run.machine === "image" ? "image" : isOfConformance(run) ? "conformance" : "claims";
  return gateCostKey(run, mode, parseConfig(run.config));
}

/** @param {Run} run */
function isOfConformance({ properties }) {
  return properties.some(({ id }) => id.startsWith("CF."));
}

const [file = ""] = process.argv.slice(2);
const { command, runs } = /** @type {{ command: string, runs: readonly Run[] }} */ (
  JSON.parse(readFileSync(file, "utf8"))
);
const costs = new Map();
for (const run of runs) {
  const key = command === "gate" ? keyInGate(run) : costKey(run);
  costs.set(key, Math.max(costs.get(key) ?? 0, milliseconds(run)));
}
for (const [key, cost] of [...costs].sort(([one], [other]) => (one < other ? -1 : 1))) {
  console.log(`  ${JSON.stringify(key)}: ${cost.toLocaleString("en-US").replaceAll(",", "_")},`);
}
