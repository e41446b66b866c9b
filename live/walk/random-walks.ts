/** Random walks on a running kernel, generated and shrunk with fast-check. */
import fc from "fast-check";
import { at } from "../../explore/model/schema.ts";
import { planLeg } from "./leg.ts";
import type { PackedWorld } from "./packed-world.ts";
import type { Difference, Walker } from "./walk.ts";
import type { WalkHooks, WalkResult } from "./walk-result.ts";

/** Parameters of random walks. */
export interface RandomWalks {
  /** Seed of all random choices. */
  readonly seed: number;
  /** Number of steps in total. It may be exceeded by a part of one walk. */
  readonly steps: number;
}

/** Maximum number of steps of one walk. */
const WALK_STEPS = 512;
/** Frequencies of actions, relative to `exit`, which undoes most steps. */
const WEIGHTS: Readonly<Record<string, number>> = { exit: 1, reclaim: 1, unmap: 3 };
const DEFAULT_WEIGHT = 4;

/** Executes walks from the initial state, each as long as its sequence of random numbers. */
export async function walkRandomly(
  walker: Walker,
  model: PackedWorld,
  { seed, steps }: RandomWalks,
  hooks: WalkHooks,
): Promise<WalkResult> {
  const started = performance.now();
  const weightedCalls = weightedCallsOf(model);
  let walks = 0;
  let isShrinking = false;
  const sequences = fc.noBias(fc.array(fc.nat(), { maxLength: WALK_STEPS, size: "max" }));
  const outcome = await fc.check(
    fc.asyncProperty(sequences, async (numbers) => {
      if (!isShrinking && (walker.steps >= steps || hooks.stopped() !== undefined)) {
        return true;
      }
      walks += 1;
      const differs = await walker.differs(planLeg(model, walkOf(model, weightedCalls, numbers)), !isShrinking);
      isShrinking ||= differs;
      hooks.onProgress?.({ steps: walker.steps, retries: walker.retries });
      return !differs;
    }),
    { seed, numRuns: Math.ceil((4 * steps) / WALK_STEPS) + 1, markInterruptAsFailure: false },
  );
  const differences: Difference[] = [];
  if (outcome.counterexample !== null) {
    const [numbers] = outcome.counterexample;
    const difference = await walker.differenceOf(planLeg(model, walkOf(model, weightedCalls, numbers)));
    if (difference !== undefined) {
      differences.push(difference);
    }
  }
  const stopped = hooks.stopped();
  return {
    steps: walker.steps,
    retries: walker.retries,
    walks,
    seconds: (performance.now() - started) / 1000,
    differences,
    ...(walker.steps < steps && differences.length === 0 && stopped !== undefined && { stopped }),
  };
}

/** Returns the calls of each action, repeated by the weight of the action. */
function weightedCallsOf({ calls }: PackedWorld): readonly (readonly number[])[] {
  return [...groupByAction(calls)].flatMap(([action, instances]) =>
    Array.from({ length: WEIGHTS[action] ?? DEFAULT_WEIGHT }, () => instances),
  );
}

function groupByAction(calls: PackedWorld["calls"]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { action }] of calls.entries()) {
    groups.set(action, [...(groups.get(action) ?? []), index]);
  }
  return groups;
}

/**
 * Returns the walk for a sequence of random numbers. Each number selects an action and one of its calls, or the next
 * one that is enabled.
 */
function walkOf(
  model: PackedWorld,
  weightedCalls: readonly (readonly number[])[],
  numbers: readonly number[],
): readonly number[] {
  model.loadInitial();
  const calls: number[] = [];
  for (const number of numbers) {
    const call = draw(model, weightedCalls, number);
    if (call !== undefined) {
      calls.push(call);
    }
  }
  return calls;
}

/**
 * Applies the selected call.
 *
 * @returns undefined when no call is enabled
 */
function draw(model: PackedWorld, weightedCalls: readonly (readonly number[])[], number: number): number | undefined {
  const [actionIndex, callIndex] = [number % weightedCalls.length, Math.floor(number / weightedCalls.length)];
  for (let t = 0; t < weightedCalls.length; t++) {
    const instances = at(weightedCalls, (actionIndex + t) % weightedCalls.length);
    for (let i = 0; i < instances.length; i++) {
      const call = at(instances, (callIndex + i) % instances.length);
      if (model.apply(call)) {
        return call;
      }
    }
  }
  return undefined;
}
