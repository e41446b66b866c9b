/** Reports of walks with the model in both roles. */

import { type LiveRequest, planLive, runLive } from "../../live/run/live-report.ts";
import type { LiveHost, LiveReport } from "../../live/run/report.ts";
import { liveModel } from "../../live/walk/scopes.ts";
import type { WalkHooks } from "../../live/walk/walk-result.ts";
import { DEFAULT_CONFIG } from "../../model/kernel/config.ts";
import { resolve } from "../../verify/job/job.ts";
import { SimulatedSession } from "./simulated-session.ts";
import { TINY } from "./simulated-walk.ts";

/** A fictitious host. */
export const HOST: LiveHost = { release: "6.18.2-example", pageSize: 4096, folioSizes: [16, 32, 64] };

/** Returns the report of a walk. The model of v7.1 simulates the running kernel. */
export function report(
  request: Partial<LiveRequest> = {},
  hooks: WalkHooks = { stopped: () => undefined },
): Promise<LiveReport> {
  const plan = planLive({ scope: "anon", bounds: TINY, ...request });
  const { definition, job, kernel } = resolve({ machine: plan.scope.machine, bounds: plan.bounds });
  const session = new SimulatedSession(liveModel(definition, job.bounds, kernel), plan.session);
  return runLive(plan, session, HOST, DEFAULT_CONFIG, hooks);
}
