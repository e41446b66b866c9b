/** Executes traces of mm images on the running kernel. */

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

/** The host for the trace with the most requirements, or the reason why it lacks one. */
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

/** Result of the execution of a trace. */
export interface ExecutedTrace {
  readonly verdict: LiveReport["verdict"] | undefined;
  /** Fields that differ. */
  readonly differing: readonly string[];
  /** The reason why it could not be executed. */
  readonly refused?: string;
}

/** Executes a trace. */
export async function executeHere(trace: TraceReport): Promise<ExecutedTrace> {
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
