/** Traces of mm images, taken on the kernel that runs here. */

import { runImageTrace } from "../../../live/run/image-trace.ts";
import type { LiveReport } from "../../../live/run/report.ts";
import {
  CannotRunHere,
  type HostAccess,
  hostConfig,
  openHostSession,
  prepareHost,
} from "../../../live/session/host-session.ts";
import type { TraceReport } from "../../../verify/report/report.ts";
import { UsageError } from "../../../verify/request/usage-error.ts";
import { planImageTrace } from "../../../verify/trace/image-trace.ts";
import { storedTrace } from "./stored-traces.ts";

/** The host for the widest traces, or why there is none. */
export const imageAccess: HostAccess | string = find();

function find(): HostAccess | string {
  try {
    return prepareHost(planImageTrace(storedTrace("split-of-a-huge-page")).session);
  } catch (error) {
    if (error instanceof CannotRunHere) {
      return error.message.replaceAll("\n", " ");
    }
    throw error;
  }
}

/** What came of a trace. */
export interface TakenTrace {
  readonly verdict: LiveReport["verdict"] | undefined;
  /** Fields that differ. */
  readonly differing: readonly string[];
  /** Why it could not be taken. */
  readonly refused?: string;
}

/** Takes a trace. */
export async function takenHere(trace: TraceReport): Promise<TakenTrace> {
  const plan = planImageTrace(trace);
  const access = prepareHost(plan.session);
  const config = await hostConfig(access);
  const { kernelRelease: release, pageSize, folioSizes } = access.host;
  const session = await openHostSession(access, plan.session);
  try {
    const report = await runImageTrace(trace, plan, session, { release, pageSize, folioSizes }, config);
    const fields = report.differences.flatMap((difference) => difference.fields).filter(({ holds }) => !holds);
    return { verdict: report.verdict, differing: fields.map(({ place, field }) => `${place}: ${field}`) };
  } catch (error) {
    if (error instanceof UsageError) {
      return { verdict: undefined, differing: [], refused: error.message };
    }
    throw error;
  } finally {
    await session.close();
  }
}
