/** Estimates how many states a search will visit, while it runs. */
import { NO_PARENT, type StateStore } from "../visited/state-store.ts";

/** Fewer levels, or fewer states, say nothing. */
const LEAST_LEVELS = 6;
const LEAST_STATES = 1_000;

/** How much less each earlier level counts in the fit. */
const WEIGHT = 0.8;

/** From one level to the next, the logarithm of the growth falls by at least so much in what was measured. */
const LEAST_DECLINE = 0.25;

/** Below both, levels grow as those of a grid do, and nothing shows where they end. */
const SLOW_GROWTH = 0.3;
const SLOW_DECLINE = 0.05;

/**
 * Extrapolates the levels of a breadth-first search. A level is as many times larger than the one before it as a state has
 * successors that are not known yet: the branching, less the duplicates. That factor falls from level to level, its
 * logarithm roughly along a line. Over the runs of the profile `ci`, nine of ten estimates are within a factor of 4 once a tenth
 * of the states is found; earlier ones are rather too small.
 *
 * @param levels number of states at each depth, from 0, for whole levels
 * @param found number of states found so far, which no estimate is below
 * @returns undefined where there is nothing to base an estimate on
 */
export function estimateStates(levels: readonly number[], found: number): number | undefined {
  if (levels.length < LEAST_LEVELS || found < LEAST_STATES) {
    return undefined;
  }
  const growth = levels.slice(1).map((size, i) => Math.log(size / (levels[i] as number)));
  const { slope, last } = weightedLine(growth);
  if (slope > -SLOW_DECLINE && Math.abs(last) < SLOW_GROWTH) {
    return undefined;
  }
  const decline = Math.min(slope, -LEAST_DECLINE);
  let size = levels.at(-1) as number;
  let total = levels.reduce((sum, each) => sum + each, 0);
  for (let step = 1; size >= 1; step++) {
    size *= Math.exp(last + decline * step);
    total += size;
  }
  return Math.max(Math.round(total), found);
}

/** The line through values at 0, 1, 2 …, in which the last counts most: its slope, and its value at the last. */
function weightedLine(values: readonly number[]): { readonly slope: number; readonly last: number } {
  const end = values.length - 1;
  const weights = values.map((_, i) => WEIGHT ** (end - i));
  const sum = (of: (value: number, i: number) => number): number =>
    values.reduce((total, value, i) => total + (weights[i] as number) * of(value, i), 0);
  const weight = sum(() => 1);
  const middle = sum((_, i) => i) / weight;
  const mean = sum((value) => value) / weight;
  const slope = sum((value, i) => (i - middle) * (value - mean)) / sum((_, i) => (i - middle) ** 2);
  return { slope, last: mean + slope * (end - middle) };
}

/** Number of states at each depth, of the first `count` states of a store: those of whole levels. */
export function levelSizes(store: StateStore, count: number): number[] {
  const sizes: number[] = [];
  let [start, end] = [0, 0];
  while (end < count && store.parentOf(end) === NO_PARENT) {
    end += 1;
  }
  while (end > start) {
    sizes.push(end - start);
    const level = end;
    while (end < count && store.parentOf(end) < level) {
      end += 1;
    }
    start = level;
  }
  return sizes;
}
