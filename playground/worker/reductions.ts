/**
 * Bounds of machine race that select reductions. A search merges accesses that no other CPU can interfere with; which
 * those are, it learns while it runs. Steps by hand are single accesses, so that an address keeps its meaning.
 */
import { RACE_MACHINE } from "../../machines/race.ts";
import type { Setting } from "../address/exploration.ts";

/** Purposes of a model. */
export type Purpose = "steps" | "search";

const REDUCTIONS: { readonly [P in Purpose]: Setting["bounds"] } = {
  steps: { merge: 0, classes: 0 },
  search: { merge: 1, classes: 0 },
};

/** Returns a setting with the reductions for a purpose; other machines have none. */
export function withReductions(setting: Setting, purpose: Purpose): Setting {
  return setting.machine === RACE_MACHINE.name
    ? { ...setting, bounds: { ...setting.bounds, ...REDUCTIONS[purpose] } }
    : setting;
}

/** Whether a bound selects a reduction. */
export function isReduction(machine: string, bound: string): boolean {
  return machine === RACE_MACHINE.name && (bound in REDUCTIONS.steps || bound === "frames");
}
