/** A tour on a running kernel. */
import { planLeg } from "./leg.ts";
import type { PackedWorld } from "./packed-world.ts";
import { walkRandomly } from "./random-walks.ts";
import { GraphIncomplete, StateGraph } from "./state-graph.ts";
import { Tour } from "./tour.ts";
import type { Difference, Walker } from "./walk.ts";
import type { WalkHooks, WalkResult } from "./walk-result.ts";

/** Random walks before a tour. */
const PREVIEW = { seed: 1, steps: 2000 };
/** Maximum number of steps of a leg. After a difference, one leg is searched for it. */
const LEG_STEPS = 512;

/** Walks until each transition is covered, a difference is reproduced, or the walk is stopped. */
export async function walkTour(walker: Walker, model: PackedWorld, hooks: WalkHooks): Promise<WalkResult> {
  // Frequent differences are found before the graph is built, which takes long for some faulty kernels.
  const preview = await walkRandomly(walker, model, PREVIEW, { stopped: hooks.stopped });
  if (preview.differences.length > 0) {
    return preview;
  }
  const graph = graphOf(model, hooks);
  if (graph === undefined) {
    return {
      steps: walker.steps,
      retries: walker.retries,
      seconds: preview.seconds,
      differences: [],
      stopped: hooks.stopped() ?? "interrupt",
    };
  }
  const tour = new Tour(model, graph);
  const started = performance.now();
  const differences: Difference[] = [];
  /** Transitions that were compared, as opposed to planned. */
  let covered = 0;
  let pending: { readonly finish: () => Promise<Difference | undefined>; readonly covered: number } | undefined;
  const launch = (): typeof pending => {
    const calls = hooks.stopped() === undefined ? nextLeg(tour) : [];
    return calls.length === 0 ? undefined : { finish: walker.start(planLeg(model, calls)), covered: tour.covered };
  };
  pending = launch();
  while (pending !== undefined && differences.length === 0) {
    const next = launch();
    const difference = await pending.finish();
    if (difference === undefined) {
      covered = pending.covered;
    } else {
      differences.push(difference);
    }
    hooks.onProgress?.({ steps: walker.steps, retries: walker.retries, covered, reachable: tour.reachable });
    pending = next;
  }
  const stopped = hooks.stopped();
  return {
    steps: walker.steps,
    retries: walker.retries,
    seconds: (performance.now() - started) / 1000,
    differences,
    coverage: { covered, reachable: tour.reachable, states: graph.states.count },
    ...(covered < tour.reachable && differences.length === 0 && stopped !== undefined && { stopped }),
  };
}

function graphOf(model: PackedWorld, hooks: WalkHooks): StateGraph | undefined {
  try {
    return new StateGraph(model, () => hooks.stopped() !== undefined);
  } catch (error) {
    if (error instanceof GraphIncomplete) {
      return undefined;
    }
    throw error;
  }
}

/** Returns the next calls of the tour, from the initial state on. */
function nextLeg(tour: Tour): number[] {
  const calls: number[] = [];
  tour.restart();
  while (calls.length < LEG_STEPS) {
    const call = tour.next();
    if (call === undefined) {
      break;
    }
    calls.push(call);
  }
  return calls;
}
