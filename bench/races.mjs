// @ts-check
/** Machine race beside SPIN on races.pml, which documents the correspondence. */
import { spawnSync } from "node:child_process";
import { compileSpin } from "./spin.mjs";

/** The closed machine whose speed is measured. */
export const LONG_RUN = ["check", "race", "--pages", "4", "--pmd", "1", "--references", "0", "--stats", "0"];

const CALLS = "fork(0, 2) | zap(1, 0, 1); zap(1, 1, 1) | zap(3, 0, 1); zap(3, 1, 1) | folio_maybe_mapped_shared()";

const RACE = [
  ...["race", CALLS, "--start", "anonFault(0); fork(0, 1); fork(0, 3)"],
  ...["--config", "no-page-mapcount", "--mms", "4", "--stats", "0"],
];

/** Options for a stack that holds the longest execution, and a hash table that does not fill up. */
const RUN = ["-m1000", "-w22"];

/** The faulty kernel that both checkers must detect. */
const FAULTY = "reader-takes-ids";

/** @param {string} name @returns {import("./spin.mjs").Verifier} */
function withoutReduction(name) {
  return { name, model: "races.pml", translate: ["-o3"], compile: ["-DNOREDUCE"], run: RUN };
}

/**
 * @typedef {object} Interleaving
 * @property {string} title
 * @property {readonly string[]} args of foliocheck
 * @property {import("./spin.mjs").Verifier} verifier
 */

/** @type {readonly Interleaving[]} */
export const interleavings = [
  {
    title: "races, no reductions",
    args: [...RACE, "--merge", "0", "--frames", "0"],
    verifier: withoutReduction("races-full"),
  },
  {
    title: "races, reductions",
    args: RACE,
    verifier: { name: "races-reduced", model: "races.pml", translate: [], compile: [], run: RUN },
  },
];

/**
 * Runs both checkers on the faulty reader.
 *
 * @param {(args: readonly string[]) => import("./measure.mjs").Command} foliocheck
 * @param {string} folder for the output files of SPIN and gcc
 * @returns {string} the common result
 * @throws if one of them does not find the violation of C18
 */
export function readerFound(foliocheck, folder) {
  const faulty = { ...withoutReduction("races-faulty"), translate: ["-o3", "-DREADER_TAKES_IDS"] };
  const own = run(foliocheck([...RACE, "--variant", FAULTY, "--all-violations"]));
  /** @type {{ properties: readonly { id: string, verdict: string }[] }} */
  const { properties } = JSON.parse(own);
  const isViolated = properties.some(({ id, verdict }) => id === "C18" && verdict === "violated");
  const foundBySpin = /assertion violated .*observed/.test(run(compileSpin(faulty, folder)));
  if (!isViolated || !foundBySpin) {
    throw new Error(`${FAULTY}: ${isViolated ? "SPIN" : "foliocheck"} does not find that it violates C18`);
  }
  return `${FAULTY}: both find that it violates C18.`;
}

/** @param {import("./measure.mjs").Command} command @returns {string} its output; the exit code is ignored */
function run({ file, args, cwd, env }) {
  return spawnSync(file, args, { cwd, env: { ...process.env, ...env }, encoding: "utf8", maxBuffer: 1 << 28 }).stdout;
}
