/** Walks on the kernel that this runs on, as functions. */
import type { KernelConfig } from "../model/kernel/config.ts";
import type { DescribeDiagnostic } from "../verify/report/diagnostic.ts";
import type { TraceReport } from "../verify/report/report.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { isImageTrace, planImageTrace } from "../verify/trace/image-trace.ts";
import { runImageTrace } from "./run/image-trace.ts";
import { type LiveRequest, planLive, runLive } from "./run/live-report.ts";
import type { LiveHost, LiveReport } from "./run/report.ts";
import { CannotRunHere, hostConfig, openHostSession, prepareHost } from "./session/host-session.ts";
import { LiveError, type LiveErrorCode, type LiveSession, type SessionBounds } from "./session/session.ts";
import type { WalkHooks, WalkProgress, WalkStop } from "./walk/walk-result.ts";

/** Called while a walk is under way. */
export interface LiveHooks {
  /** Ends the walk when it is aborted: what was done so far is in the report, as incomplete. */
  readonly signal?: AbortSignal;
  /** Ends the walk after so many seconds, as incomplete. */
  readonly timeout?: number;
  readonly onProgress?: (progress: WalkProgress) => void;
  /** Another session on this kernel has to end first. */
  readonly onWait?: () => void;
}

/** A walk that is planned: nothing of the host was touched yet. */
export interface LiveWalk {
  /** @throws UsageError when it cannot be taken here */
  readonly take: (hooks?: LiveHooks) => Promise<LiveReport>;
}

/**
 * Plans a tour, or random walks.
 *
 * @throws UsageError for an unknown scope or kernel, or bounds out of range
 */
export function liveWalk(request: LiveRequest): LiveWalk {
  const plan = planLive(request);
  return { take: (hooks) => onHost({ session: plan.session, run: (...rest) => runLive(plan, ...rest) }, hooks) };
}

/**
 * Plans the steps of a trace of an mm image.
 *
 * @param describe puts the warning of the trace into words
 * @throws UsageError for another trace, and one with a step that user space cannot take
 */
export function liveTrace(trace: TraceReport, describe?: DescribeDiagnostic): LiveWalk {
  if (!isImageTrace(trace)) {
    throw new UsageError(`live takes the steps of a trace of machine image, and this is one of ${trace.machine}`);
  }
  const plan = planImageTrace(trace);
  return {
    take: (hooks) =>
      onHost(
        {
          session: plan.session,
          run: (session, host, config) => runImageTrace(trace, plan, session, host, config, describe),
        },
        hooks,
      ),
  };
}

/**
 * Walks the model's states on the running kernel, and compares what can be seen after each step.
 *
 * @throws UsageError for a request that makes no sense, and where the kernel or the host lack something
 */
export async function live(request: LiveRequest, hooks?: LiveHooks): Promise<LiveReport> {
  return liveWalk(request).take(hooks);
}

/** Errors of a session that are the host's, or another session's. Any other is a bug of the agent or of this. */
const OF_THE_HOST: readonly LiveErrorCode[] = ["agent-start", "agent-setup", "settings", "settings-busy"];

/** What runs in a session. */
interface SessionRun {
  readonly session: SessionBounds;
  readonly run: (session: LiveSession, host: LiveHost, config: KernelConfig, hooks: WalkHooks) => Promise<LiveReport>;
}

async function onHost({ session: bounds, run }: SessionRun, hooks: LiveHooks = {}): Promise<LiveReport> {
  const { signal, timeout = Number.POSITIVE_INFINITY, onProgress, onWait } = hooks;
  try {
    const access = prepareHost(bounds);
    const config = await hostConfig(access);
    const { kernelRelease: release, pageSize, folioSizes } = access.host;
    const session = await openHostSession(access, bounds, {
      ...(signal === undefined ? {} : { signal }),
      ...(onWait === undefined ? {} : { onWait }),
    });
    const end = performance.now() + timeout * 1000;
    const stopped = (): WalkStop | undefined =>
      signal?.aborted === true ? "interrupt" : performance.now() > end ? "time" : undefined;
    try {
      return await run(session, { release, pageSize, folioSizes }, config, {
        stopped,
        onProgress: (progress) => onProgress?.(progress),
      });
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof CannotRunHere) {
      throw new UsageError(`cannot run here: ${error.obstacles.map(({ message }) => message).join(" ")}`);
    }
    if (error instanceof LiveError && OF_THE_HOST.includes(error.code)) {
      throw new UsageError(`cannot run here: ${error.message}`);
    }
    throw error;
  }
}
