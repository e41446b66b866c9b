// @ts-check
/**
 * `npm run bench`: runs the same work with foliocheck and with SPIN. See README.md.
 *
 * Plain JavaScript with types in JSDoc (`npm run types` checks them): Node 20 cannot run TypeScript, and a separate
 * build of this folder could be stale.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { groups, subject as imageSubject, longRun, TREE_VARIABLE } from "./image.mjs";
import { measure, method } from "./measure.mjs";
import { interleavings, LONG_RUN, readerFound } from "./races.mjs";
import { compileSpin, spinCounts, spinVersion } from "./spin.mjs";

const CLI = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "cli", "main.js");

const USAGE = "usage: npm run bench -- [--runs N] [--only ot|scopes|races|image] [--quick]";

/**
 * OT(pages, mms) with its published counts.
 *
 * @typedef {object} OwnerTracking
 * @property {number} pages
 * @property {number} mms
 * @property {number} states
 * @property {number} transitions
 * @property {number} orbits states up to symmetry
 * @property {readonly string[]} spinFlags SPIN's stack, one entry per state, and its hash table, 2^w slots
 */

/** @type {OwnerTracking} */
const SMALL = {
  pages: 8,
  mms: 4,
  states: 1_475_904,
  transitions: 47_228_928,
  orbits: 70_614,
  spinFlags: ["-m1480000", "-w24"],
};

/** @type {OwnerTracking} */
const LARGE = {
  pages: 12,
  mms: 4,
  states: 13_737_168,
  transitions: 659_384_064,
  orbits: 626_275,
  spinFlags: ["-m13740000", "-w25"],
};

/** @typedef {import("./measure.mjs").Measurement} Measurement */
/** @typedef {import("./measure.mjs").Command} Command */
/** @typedef {import("./spin.mjs").Counts} Counts */

/**
 * A checker with a machine.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {Command} command
 * @property {(output: string) => Counts} counts reads the counts from its output
 * @property {Counts} [expected] known counts; if absent, every run must find those of the first one
 */

/**
 * @typedef {object} Result
 * @property {Contestant} contestant
 * @property {Counts} counts
 * @property {number} cpu
 * @property {number} fastest
 * @property {number} slowest
 * @property {number} seconds wall-clock time
 * @property {number | null} peak
 */

/** A wrong command line, or nothing to measure. The message has one line. */
class UsageError extends Error {}

const PARTS = ["ot", "scopes", "races", "image"];

/** Parses the command line. */
function options() {
  /** @type {{ runs: string, only?: string | undefined, quick: boolean }} */
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        runs: { type: "string", default: "3" },
        only: { type: "string" },
        quick: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split("\n")[0] : error} (${USAGE})`);
  }
  const runs = Number(values.runs);
  const { only, quick } = values;
  if (!Number.isInteger(runs) || runs < 1) {
    throw new UsageError(`--runs requires a whole number from 1, not "${values.runs}" (${USAGE})`);
  }
  if (only !== undefined && !PARTS.includes(only)) {
    throw new UsageError(`--only requires ${PARTS.join(" or ")}, not "${only}" (${USAGE})`);
  }
  if (quick && only !== undefined && only !== "ot") {
    throw new UsageError(`--quick is OT(8,4) only: it leaves nothing of --only ${only} (${USAGE})`);
  }
  const tree = process.env[TREE_VARIABLE] || undefined;
  if (only === "image" && tree === undefined) {
    throw new UsageError(`--only image requires a kernel source tree in ${TREE_VARIABLE}`);
  }
  /** @param {string} part */
  const has = (part) => (only ?? part) === part && (!quick || part === "ot");
  return {
    runs,
    ot: has("ot"),
    large: !quick,
    scopes: has("scopes"),
    races: has("races"),
    image: has("image") ? tree : undefined,
  };
}

/**
 * @param {readonly string[]} args
 * @returns {Command}
 */
function foliocheck(args) {
  return { file: process.execPath, args: [CLI, ...args, "--reporter", "json"], cwd: dirname(dirname(dirname(CLI))) };
}

/** Number of threads of the rows with several workers. */
const WORKERS = 2;

/**
 * @param {OwnerTracking} machine
 * @param {"symmetry" | "workers"} [mode] whether to search up to symmetry, or with several workers
 * @returns {Contestant}
 */
function ours({ pages, mms, states, transitions, orbits }, mode) {
  const args = ["check", "owner-tracking", "--pages", `${pages}`, "--mms", `${mms}`];
  const symmetry = mode === "symmetry";
  const workers = mode === "workers" ? ["--workers", `${WORKERS}`] : [];
  return {
    name: symmetry ? "foliocheck, symmetry" : mode === undefined ? "foliocheck" : `foliocheck, ${WORKERS} workers`,
    command: foliocheck([...args, ...(symmetry ? [] : ["--no-symmetry"]), ...workers]),
    counts: (output) => JSON.parse(output),
    // Every state has pages × mms successors.
    expected: symmetry ? { states: orbits, transitions: orbits * pages * mms } : { states, transitions },
  };
}

/**
 * @param {OwnerTracking} machine
 * @param {string} folder
 * @returns {Contestant}
 */
function spin(machine, folder) {
  const expected = { states: machine.states, transitions: machine.transitions };
  return {
    name: "SPIN",
    command: compileSpin(
      {
        name: `spin-${machine.pages}-${machine.mms}`,
        model: "ot.pml",
        translate: [`-DN=${machine.pages}`, `-DM=${machine.mms}`, "-DINV_STATE"],
        compile: ["-DNOREDUCE"],
        run: machine.spinFlags,
      },
      folder,
    ),
    counts: (output) => spinCounts(output, expected),
    expected,
  };
}

/**
 * Runs the contestants alternately, A B A B …, so that a slow minute of the host affects all of them.
 *
 * @param {string} title
 * @param {readonly Contestant[]} contestants
 * @param {number} runs
 * @param {string} folder
 * @returns {Promise<readonly Result[]>}
 */
async function compete(title, contestants, runs, folder) {
  /** @type {Map<Contestant, Measurement[]>} */
  const measurements = new Map(contestants.map((each) => [each, []]));
  /** @type {Map<Contestant, Counts>} */
  const counts = new Map();
  for (let run = 1; run <= runs; run++) {
    for (const [contestant, done] of measurements) {
      process.stderr.write(`${title}  ${contestant.name}  run ${run} of ${runs}\n`);
      const measurement = await measure(contestant.command, folder);
      const result = contestant.counts(measurement.output);
      checkCounts(title, contestant.name, result, contestant.expected ?? counts.get(contestant) ?? result);
      counts.set(contestant, result);
      done.push(measurement);
    }
  }
  return [...measurements].map(([contestant, done]) => {
    const cpu = done.map(({ cpuSeconds }) => cpuSeconds);
    const peaks = done.flatMap(({ peakBytes }) => peakBytes ?? []);
    return {
      contestant,
      counts: counts.get(contestant) ?? { states: Number.NaN, transitions: Number.NaN },
      cpu: median(cpu),
      fastest: Math.min(...cpu),
      slowest: Math.max(...cpu),
      seconds: median(done.map(({ seconds }) => seconds)),
      peak: peaks.length === 0 ? null : median(peaks),
    };
  });
}

/**
 * @param {string} title
 * @param {string} name
 * @param {Counts} counts
 * @param {Counts} expected
 */
function checkCounts(title, name, { states, transitions }, expected) {
  if (states !== expected.states || transitions !== expected.transitions) {
    const actual = `${count(states)} states and ${count(transitions)} transitions`;
    const required = `${count(expected.states)} and ${count(expected.transitions)}`;
    throw new Error(`${title}: ${name} found ${actual}; it must find ${required}. The comparison is invalid.`);
  }
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

/** @param {number} value */
const count = (value) => (Number.isFinite(value) ? value.toLocaleString("en-US") : String(value));
/** @param {number | null} bytes */
const megabytes = (bytes) => (bytes === null ? "not measured" : `${Math.round(bytes / 1e6)} MB`);

/**
 * @param {number} base CPU seconds of the reference
 * @param {number} own
 * @param {string} what
 */
function speed(base, own, what) {
  return base >= own
    ? `${(base / own).toFixed(2)}× faster than ${what}`
    : `${(own / base).toFixed(2)}× slower than ${what}`;
}

/** @param {readonly (readonly string[])[]} rows the first column is text, the others are figures */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
    )
    .join("\n");
}

/**
 * @param {string} title
 * @param {readonly Result[]} results
 */
function printResults(title, results) {
  const rows = results.map(({ contestant: { name }, counts, cpu, fastest, slowest, seconds, peak }) => [
    name,
    cpu.toFixed(2),
    `${fastest.toFixed(2)} … ${slowest.toFixed(2)}`,
    seconds.toFixed(2),
    megabytes(peak),
    count(counts.states),
    count(counts.transitions),
  ]);
  const header = [title, "CPU s (median)", "least … most", "wall s", "peak memory", "states", "transitions"];
  console.log(`\n${table([header, ...rows])}`);
  const [own, ...others] = results;
  if (own !== undefined) {
    others.forEach((other) => {
      console.log(`  ${comparison(own, other)}`);
    });
  }
}

/**
 * @param {Result} own
 * @param {Result} other
 */
function comparison(own, other) {
  if (other.contestant.name.endsWith("workers")) {
    const ratio = (/** @type {number} */ one, /** @type {number} */ both) => `${(both / one).toFixed(2)}×`;
    const memory = own.peak === null || other.peak === null ? "" : `, ${ratio(own.peak, other.peak)} its peak memory`;
    const times = `${ratio(own.seconds, other.seconds)} the wall-clock time of one, ${ratio(own.cpu, other.cpu)} its CPU time`;
    return `${WORKERS} workers: ${times}${memory}`;
  }
  if (other.contestant.name !== "SPIN") {
    return `CPU time, with symmetry: ${speed(own.cpu, other.cpu, "without")}`;
  }
  const memory =
    own.peak === null || other.peak === null ? "" : `, ${(own.peak / other.peak).toFixed(2)}× SPIN's peak memory`;
  const states =
    own.counts.states === other.counts.states
      ? ""
      : `, ${(own.counts.states / other.counts.states).toFixed(2)}× SPIN's states`;
  return `CPU time: ${speed(other.cpu, own.cpu, "SPIN")}${memory}${states}`;
}

/**
 * Measures the machines with page tables at the bounds of the profile `ci`.
 *
 * @param {string} folder
 */
async function scopes(folder) {
  const { output } = await measure(foliocheck(["list"]), folder);
  /** @type {{ machines: readonly { name: string }[] }} */
  const { machines } = JSON.parse(output);
  for (const { name } of machines.filter((each) => each.name !== "owner-tracking")) {
    await scope(name, folder);
  }
}

/**
 * @param {string} name
 * @param {string} folder
 */
async function scope(name, folder) {
  process.stderr.write(`verify --profile ci --only ${name}\n`);
  const { output, cpuSeconds } = await measure(
    foliocheck(["verify", "--profile", "ci", "--only", name, "--workers", "1"]),
    folder,
  );
  /** @type {{ runs: readonly ScopeRun[] }} */
  const { runs } = JSON.parse(output);
  const total = {
    states: sum(runs.map(({ states }) => states)),
    transitions: sum(runs.map(({ transitions }) => transitions)),
    cpuSeconds: sum(runs.map((run) => run.cpuSeconds)),
  };
  const rows = runs.map((run) => [subject(run), ...figures(run)]);
  const header = [`${name}, profile ci`, "states", "transitions", "CPU s", "transitions per CPU s"];
  console.log(`\n${table([header, ...rows, ["all of them", ...figures(total)]])}`);
  console.log(`  One run; CPU time as the report says it, of ${cpuSeconds.toFixed(2)} s for the whole command.`);
}

/**
 * @typedef {object} ScopeRun
 * @property {string} machine
 * @property {string} kernel
 * @property {string} config
 * @property {Readonly<Record<string, number>>} bounds
 * @property {boolean} symmetry
 * @property {number} states
 * @property {number} transitions
 * @property {number} cpuSeconds
 */

/** @param {ScopeRun} run */
function subject({ kernel, config, bounds, symmetry }) {
  const words = Object.entries(bounds).map(([name, value]) => `${name} ${value}`);
  return [kernel, config, words.join(" "), ...(symmetry ? ["symmetry"] : [])].join("  ");
}

/** @param {Counts & { cpuSeconds: number }} run */
function figures({ states, transitions, cpuSeconds }) {
  const rate = `${(transitions / cpuSeconds / 1e6).toFixed(2)} million`;
  return [count(states), count(transitions), cpuSeconds.toFixed(2), rate];
}

/**
 * Measures machine race, alone and beside SPIN.
 *
 * @param {number} runs
 * @param {boolean} withSpin
 * @param {string} folder
 */
async function races(runs, withSpin, folder) {
  process.stderr.write(`${LONG_RUN.join(" ")}\n`);
  const { output } = await measure(foliocheck(LONG_RUN), folder);
  const run = JSON.parse(output);
  console.log(
    `\n${table([
      ["machine race", "states", "transitions", "CPU s", "transitions per CPU s"],
      [LONG_RUN.join(" "), ...figures(run)],
    ])}`,
  );
  for (const each of interleavings) {
    const own = { name: "foliocheck", command: foliocheck(each.args), counts: JSON.parse };
    const peers = withSpin ? [{ name: "SPIN", command: compileSpin(each.verifier, folder), counts: spinCounts }] : [];
    printResults(each.title, await compete(each.title, [own, ...peers], runs, folder));
  }
  if (withSpin) {
    console.log(`\n${readerFound(foliocheck, folder)}`);
  }
}

/**
 * Measures the mm image of a kernel tree. Its objects are compiled or cached before a run: CPU time is that of
 * searches.
 *
 * @param {string} tree
 * @param {string} folder
 */
async function image(tree, folder) {
  process.stderr.write(`${groups(tree).join(" ")}\n`);
  /** @type {{ runs: readonly import("./image.mjs").ImageRun[] }} */
  const { runs } = JSON.parse((await measure(foliocheck(groups(tree)), folder)).output);
  process.stderr.write(`${longRun(tree).join(" ")}\n`);
  const { output, peakBytes } = await measure(foliocheck(longRun(tree)), folder);
  /** @type {import("./image.mjs").ImageRun} */
  const long = JSON.parse(output);
  const rows = [...runs, long].map((run) => [
    imageSubject(run),
    count(run.states),
    count(run.transitions),
    run.cpuSeconds.toFixed(2),
    `${Math.round(run.transitions / run.cpuSeconds / 1000)},000`,
    megabytes(run.tableBytes),
    `${Math.round(run.tableBytes / run.states)}`,
  ]);
  const header = ["mm image", "states", "transitions", "CPU s", "transitions per CPU s", "memory", "bytes a state"];
  console.log(`\n${table([header, ...rows])}`);
  console.log(`  The last one is a run by itself: ${megabytes(peakBytes)} at the peak, with the code of the image.`);
}

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((all, each) => all + each, 0);

/** @param {string | null} spinInstalled */
function printHeader(spinInstalled) {
  const { model = "unknown CPU" } = cpus()[0] ?? {};
  const load = (loadavg()[0] ?? 0).toFixed(2);
  console.log(`${model.trim()}, ${availableParallelism()} cores, ${megabytes(totalmem())}, load ${load}`);
  console.log(`Node ${process.versions.node}, ${spinInstalled ?? "SPIN or gcc is not installed: no rows for SPIN"}`);
  console.log(`CPU time is user and system time of the whole process, measured with ${method}.`);
  console.log("Absolute numbers of a shared machine mean little; the ratios are from one run.");
}

/** @param {string} folder */
async function main(folder) {
  const { runs, ot, large, scopes: withScopes, races: withRaces, image: tree } = options();
  if (!existsSync(CLI)) {
    throw new UsageError("dist/cli/main.js is missing: run `npm run build` first");
  }
  const spinInstalled = ot || withRaces ? spinVersion() : null;
  printHeader(ot || withRaces ? spinInstalled : "no comparison with SPIN requested");
  /** @type {(machine: OwnerTracking, own: readonly Contestant[]) => Promise<void>} */
  const race = async (machine, own) => {
    const peers = spinInstalled === null ? [] : [spin(machine, folder)];
    const title = `OT(${machine.pages},${machine.mms})`;
    printResults(title, await compete(title, [...own, ...peers], runs, folder));
  };
  if (ot) {
    await race(SMALL, [ours(SMALL)]);
    if (large) {
      await race(LARGE, [ours(LARGE), ours(LARGE, "symmetry"), ours(LARGE, "workers")]);
    }
  }
  if (withScopes) {
    await scopes(folder);
  }
  if (withRaces) {
    await races(runs, spinInstalled !== null, folder);
  }
  if (tree !== undefined) {
    await image(tree, folder);
  }
}

const folder = mkdtempSync(join(tmpdir(), "foliocheck-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])) {
  process.once(signal, () => process.exit(code));
}
try {
  await main(folder);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
