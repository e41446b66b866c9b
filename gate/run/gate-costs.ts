/** Measured costs of the parts of a gate. */
import type { CostTable } from "../../verify/shard/costs.ts";

/** Milliseconds to build the image of one configuration. */
export const IMAGE_BUILD_COST = 20_000;

/** Milliseconds to measure the layouts. */
export const LAYOUT_COST = 15_000;

/** Milliseconds of the proof of one configuration. */
export const PROOF_COST = 8000;

/** Milliseconds of each run, by its key. */
export const GATE_COSTS: CostTable = {};
