// @ts-check
/** SPIN on the same machine, ot.pml, with the best flags found for it: see README.md. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODEL = fileURLToPath(new URL("ot.pml", import.meta.url));

const C_FLAGS = [
  ..."-O3 -march=native -w -DMEMLIM=16000 -DSAFETY -DNOCLAIM -DNOFAIR".split(" "),
  ..."-DNOREDUCE -DNOVSZ -DSPACE -DNOCOMP".split(" "),
];

/** @typedef {{ states: number, transitions: number }} Counts */

/** @returns {string | null} the versions of SPIN and gcc; null when one of them is not installed */
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
 * Compiles a verifier for OT(pages, mms).
 *
 * @param {{ pages: number, mms: number, spinFlags: readonly string[] }} machine
 * @param {string} folder where to put everything that SPIN and gcc write
 * @returns {import("./measure.mjs").Command} the command to measure
 */
export function compileSpin({ pages, mms, spinFlags }, folder) {
  const cwd = join(folder, `spin-${pages}-${mms}`);
  mkdirSync(cwd);
  for (const [file, ...args] of [
    ["spin", "-a", `-DN=${pages}`, `-DM=${mms}`, "-DINV_STATE", MODEL],
    ["gcc", ...C_FLAGS, "-o", "pan", "pan.c"],
  ]) {
    const { status, stdout, stderr } = spawnSync(`${file}`, args, { cwd, encoding: "utf8" });
    if (status !== 0) {
      throw new Error(`${file} ended with exit code ${status}\n${stdout}${stderr}`.trimEnd());
    }
  }
  const env = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };
  return { file: join(cwd, "pan"), args: spinFlags, cwd, env };
}

/**
 * @param {string} output what the verifier printed
 * @returns {Counts} with the initial state not counted as a transition, unlike in SPIN's own count
 */
export function spinCounts(output) {
  const states = /(\d+) states, stored/.exec(output)?.[1];
  const transitions = /(\d+) transitions \(= stored\+matched\)/.exec(output)?.[1];
  const complete = /errors: 0\b/.test(output) && !/max search depth too small|out of memory/.test(output);
  if (states === undefined || transitions === undefined || !complete) {
    throw new Error(`SPIN did not finish its search:\n${output}`);
  }
  return { states: Number(states), transitions: Number(transitions) - 1 };
}
