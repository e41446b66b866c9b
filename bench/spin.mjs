// @ts-check
/** SPIN on the same machines, ot.pml and races.pml, with the fastest flags: see README.md. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const C_FLAGS = [
  ..."-O3 -march=native -w -DMEMLIM=16000 -DSAFETY -DNOCLAIM -DNOFAIR".split(" "),
  ..."-DNOVSZ -DSPACE -DNOCOMP".split(" "),
];

/** @typedef {{ states: number, transitions: number }} Counts */

/**
 * A verifier.
 *
 * @typedef {object} Verifier
 * @property {string} name of its folder
 * @property {string} model file in this folder
 * @property {readonly string[]} translate arguments of `spin -a`
 * @property {readonly string[]} compile additional arguments of the C compiler
 * @property {readonly string[]} run arguments of the verifier
 */

/** @returns {string | null} the versions of SPIN and gcc; null unless both are installed */
export function spinVersion() {
  const spin = spawnSync("spin", ["-V"], { encoding: "utf8" });
  const gcc = spawnSync("gcc", ["-dumpfullversion"], { encoding: "utf8" });
  if (spin.status !== 0 || gcc.status !== 0) {
    return null;
  }
  const version = /Version (\S+)/.exec(spin.stdout)?.[1] ?? spin.stdout.trim();
  return `SPIN ${version}, gcc ${gcc.stdout.trim()}`;
}

/**
 * Compiles a verifier.
 *
 * @param {Verifier} verifier
 * @param {string} folder for the output files of SPIN and gcc
 * @returns {import("./measure.mjs").Command} the command to measure
 */
export function compileSpin({ name, model, translate, compile, run }, folder) {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  for (const [file, ...args] of [
    ["spin", "-a", ...translate, fileURLToPath(new URL(model, import.meta.url))],
    ["gcc", ...C_FLAGS, ...compile, "-o", "pan", "pan.c"],
  ]) {
    const { status, stdout, stderr } = spawnSync(`${file}`, args, { cwd, encoding: "utf8" });
    if (status !== 0) {
      throw new Error(`${file} ended with exit code ${status}\n${stdout}${stderr}`.trimEnd());
    }
  }
  const env = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };
  return { file: join(cwd, "pan"), args: run, cwd, env };
}

/**
 * @param {string} output output of the verifier
 * @param {Counts} [expected] exact counts; the initial state is not a transition
 * @returns {Counts} actual counts; unlike in SPIN's own count, the initial state is not a transition
 */
export function spinCounts(output, expected) {
  const states = figure(output, "states, stored");
  const transitions = figure(output, "transitions (= stored+matched)");
  const complete = /errors: 0\b/.test(output) && !/max search depth too small|out of memory/.test(output);
  if (states === undefined || transitions === undefined || !complete) {
    throw new Error(`SPIN did not finish its search:\n${output}`);
  }
  if (expected === undefined) {
    return { states, transitions: transitions - 1 };
  }
  return { states: exact(states, expected.states), transitions: exact(transitions, expected.transitions + 1) - 1 };
}

/**
 * @param {string} output
 * @param {string} label
 * @returns {number | undefined} the number that precedes the label: 1475904, or 6.5938406e+08
 */
function figure(output, label) {
  const text = output
    .split("\n")
    .find((line) => line.includes(label))
    ?.trim();
  return text === undefined ? undefined : Number.parseFloat(text);
}

/**
 * SPIN prints eight digits. From 10^8 on, the expected number is accepted if it rounds to the printed one.
 *
 * @param {number} printed
 * @param {number} expected
 */
function exact(printed, expected) {
  const halfOfLastDigit = printed < 1e8 ? 0 : 10 ** (Math.floor(Math.log10(printed)) - 7) / 2;
  return Math.abs(printed - expected) <= halfOfLastDigit ? expected : printed;
}
