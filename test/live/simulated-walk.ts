/** Walks without a running kernel: the model has both roles. */
import type { ActionCall } from "../../explore/model/model.ts";
import { PackedWorld } from "../../live/walk/packed-world.ts";
import { liveModel, sessionBounds } from "../../live/walk/scopes.ts";
import { Walker } from "../../live/walk/walk.ts";
import { resolve } from "../../verify/job/job.ts";
import { type FaultInjection, SimulatedSession } from "./simulated-session.ts";

/** Both sides of a walk. */
export interface SimulatedWalk {
  readonly machine: PackedWorld;
  readonly session: SimulatedSession;
  readonly walker: Walker;
}

/** Options of a simulated walk. */
export interface SimulationOptions {
  readonly machine?: string;
  readonly bounds?: { readonly [name: string]: number };
  /** The kernel of the model. That of the simulated running kernel is v7.1. */
  readonly kernel?: string;
  readonly config?: string;
  readonly inject?: FaultInjection;
  readonly includes?: (call: ActionCall) => boolean;
}

/** Small enough to cover all states in a second: two processes and one folio of four pages. */
export const TINY = { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 0, holders: 0 };

/** Creates both sides. */
export function simulate(options: SimulationOptions = {}): SimulatedWalk {
  const { machine: name = "cow", bounds = TINY, kernel = "v7.1", config = "", inject, includes } = options;
  const checked = resolve({ machine: name, bounds, kernel, config });
  const simulated = resolve({ machine: name, bounds, config });
  const machine = new PackedWorld(liveModel(checked.definition, checked.job.bounds, checked.kernel, includes));
  const session = new SimulatedSession(
    liveModel(simulated.definition, simulated.job.bounds, simulated.kernel),
    sessionBounds(simulated.job.bounds),
    inject,
  );
  return { machine, session, walker: new Walker(session, machine, 4096) };
}

/** Excludes stores, which multiply the states of a tour. */
export const withoutStores = ({ action }: ActionCall): boolean => action !== "store";
