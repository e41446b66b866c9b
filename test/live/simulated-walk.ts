/** Walks without a running kernel: the model on both sides. */
import type { ActionCall } from "../../explore/model/model.ts";
import { PackedWorld } from "../../live/walk/packed-world.ts";
import { liveModel, sessionBounds } from "../../live/walk/scopes.ts";
import { Walker } from "../../live/walk/walk.ts";
import { resolve } from "../../verify/job/job.ts";
import { type Lie, SimulatedSession } from "./simulated-session.ts";

/** Both sides of a walk. */
export interface SimulatedWalk {
  readonly machine: PackedWorld;
  readonly session: SimulatedSession;
  readonly walker: Walker;
}

/** What a simulated walk is to be like. */
export interface SimulationOptions {
  readonly machine?: string;
  readonly bounds?: { readonly [name: string]: number };
  /** The kernel of the model. The one that plays the running kernel is v7.1. */
  readonly kernel?: string;
  readonly config?: string;
  readonly lie?: Lie;
  readonly includes?: (call: ActionCall) => boolean;
}

/** Small enough to visit all of it in a second: two processes and one folio of four pages. */
export const TINY = { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 0, holders: 0 };

/** Sets up both sides. */
export function simulate(options: SimulationOptions = {}): SimulatedWalk {
  const { machine: name = "cow", bounds = TINY, kernel = "v7.1", config = "", lie, includes } = options;
  const asked = resolve({ machine: name, bounds, kernel, config });
  const played = resolve({ machine: name, bounds, config });
  const machine = new PackedWorld(liveModel(asked.definition, asked.job.bounds, asked.kernel, includes));
  const session = new SimulatedSession(
    liveModel(played.definition, played.job.bounds, played.kernel),
    sessionBounds(played.job.bounds),
    lie,
  );
  return { machine, session, walker: new Walker(session, machine, 4096) };
}

/** A tour has no stores: they multiply its states. */
export const withoutStores = ({ action }: ActionCall): boolean => action !== "store";
