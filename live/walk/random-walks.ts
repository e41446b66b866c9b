/** Random walks on a running kernel, made and shrunk by fast-check. */
import fc from "fast-check";
import { at } from "../../explore/model/schema.ts";
import { planLeg } from "./leg.ts";
import type { PackedWorld } from "./packed-world.ts";
import type { Difference, Walker } from "./walk.ts";
import type { WalkHooks, WalkResult } from "./walk-result.ts";

/** What random walks are asked for. */
export interface RandomWalks {
  /** What everything random follows from. */
  readonly seed: number;
  /** Steps to take in all, or a few more. */
  readonly steps: number;
}

/** The most steps of one walk. */
const WALK_STEPS = 512;
/** How much more often an action is tried than `exit`, which undoes so much. */
const WEIGHTS: Readonly<Record<string, number>> = { exit: 1, reclaim: 1, unmap: 3 };
const USUAL_WEIGHT = 4;

/** Takes walks from the initial state, each until its dice run out. */
export async function walkRandomly(
  walker: Walker,
  machine: PackedWorld,
  { seed, steps }: RandomWalks,
  hooks: WalkHooks,
): Promise<WalkResult> {
  const started = performance.now();
  const lottery = lotteryOf(machine);
  let walks = 0;
  let found = false;
  const dice = fc.noBias(fc.array(fc.nat(), { maxLength: WALK_STEPS, size: "max" }));
  const outcome = await fc.check(
    fc.asyncProperty(dice, async (numbers) => {
      if (!found && (walker.steps >= steps || hooks.stopped() !== undefined)) {
        return true;
      }
      walks += 1;
      const differs = await walker.differs(planLeg(machine, chosen(machine, lottery, numbers)), !found);
      found ||= differs;
      hooks.onProgress?.({ steps: walker.steps, retries: walker.retries });
      return !differs;
    }),
    { seed, numRuns: Math.ceil((4 * steps) / WALK_STEPS) + 1, markInterruptAsFailure: false },
  );
  const differences: Difference[] = [];
  if (outcome.counterexample !== null) {
    const [numbers] = outcome.counterexample;
    const difference = await walker.differenceOf(planLeg(machine, chosen(machine, lottery, numbers)));
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

/** The calls of each action, as often as the action is to be tried. */
function lotteryOf({ calls }: PackedWorld): readonly (readonly number[])[] {
  return [...groupByAction(calls)].flatMap(([action, instances]) =>
    Array.from({ length: WEIGHTS[action] ?? USUAL_WEIGHT }, () => instances),
  );
}

function groupByAction(calls: PackedWorld["calls"]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { action }] of calls.entries()) {
    groups.set(action, [...(groups.get(action) ?? []), index]);
  }
  return groups;
}

/** The walk that the dice make: each number draws an action and one of its calls, or the next that is enabled. */
function chosen(
  machine: PackedWorld,
  lottery: readonly (readonly number[])[],
  numbers: readonly number[],
): readonly number[] {
  machine.loadInitial();
  const calls: number[] = [];
  for (const number of numbers) {
    const call = draw(machine, lottery, number);
    if (call !== undefined) {
      calls.push(call);
    }
  }
  return calls;
}

/** Applies the call that is drawn. @returns undefined when no call is enabled */
function draw(machine: PackedWorld, lottery: readonly (readonly number[])[], number: number): number | undefined {
  const [ticket, place] = [number % lottery.length, Math.floor(number / lottery.length)];
  for (let t = 0; t < lottery.length; t++) {
    const instances = at(lottery, (ticket + t) % lottery.length);
    for (let i = 0; i < instances.length; i++) {
      const call = at(instances, (place + i) % instances.length);
      if (machine.apply(call)) {
        return call;
      }
    }
  }
  return undefined;
}
