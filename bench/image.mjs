// @ts-check
/** The mm image of a kernel tree: speed and memory for each group of operations that the gate explores. */

/** Environment variable with the path of the kernel source tree. */
export const TREE_VARIABLE = "FOLIOCHECK_KERNEL_TREE";

const CONFIG = ["--config", "page-mapcount,32bit,mm-id"];

/** The groups of profile `quick`, one run after another. @param {string} tree */
export const groups = (tree) => ["gate", "--tree", tree, "--only", "image", "--workers", "1", ...CONFIG];

/** A search that takes minutes. */
const LONG_BOUNDS = ["--mms", "2", "--split", "1", "--migrate", "1", "--steps", "7", "--lockstep", "0"];

/** @param {string} tree */
export const longRun = (tree) => ["image", "--tree", tree, ...CONFIG, ...LONG_BOUNDS];

/**
 * One run in a report.
 *
 * @typedef {object} ImageRun
 * @property {Readonly<Record<string, number>>} bounds
 * @property {number} states
 * @property {number} transitions
 * @property {number} cpuSeconds
 * @property {number} tableBytes of the states and their tables
 */

/** The bounds that are not 0. @param {ImageRun} run */
export function subject({ bounds }) {
  return Object.entries(bounds)
    .flatMap(([name, value]) => (value === 0 ? [] : [`${name} ${value}`]))
    .join(" ");
}
