/** Measured costs of the runs of profiles. */
import type { CostTable } from "./costs.ts";

/** Milliseconds of the proofs of a suite. */
export const SUITE_PROOF_COST = 1500;

/** Milliseconds of each run, by its key. */
export const SUITE_COSTS: CostTable = {};
