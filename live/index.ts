/** Executes walks on the running kernel; the programming interface of `foliocheck live`. */
import type { StopSignal } from "../files/stop-signal.ts";
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

/** Options and callbacks of a running walk. */
export interface LiveHooks {
  /** Stops the walk when aborted. The report covers the steps so far, as incomplete. */
  readonly signal?: StopSignal;
  /** Stops the walk after this many seconds, as incomplete. */
  readonly timeout?: number;
  readonly onProgress?: (progress: WalkProgress) => void;
  /** Called while the walk waits for another session on this kernel to end. */
  readonly onWait?: () => void;
}

/** A planned walk. Planning does not access the host. */
export interface LiveWalk {
  /**
   * Executes the walk.
   *
   * @throws UsageError when the host cannot execute it
   */
  readonly take: (hooks?: LiveHooks) => Promise<LiveReport>;
}

/**
 * Plans a tour or random walks.
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
 * @param describe returns the text of the trace's warning
 * @throws UsageError for a trace of another machine, and for a step that user space cannot perform
 */
export function liveTrace(trace: TraceReport, describe?: DescribeDiagnostic): LiveWalk {
  if (!isImageTrace(trace)) {
    throw new UsageError(`live executes traces of machine image, and this is one of ${trace.machine}`);
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
 * Walks through the states of the model on the running kernel, and compares the observable state after each step.
 *
 * @throws UsageError for an invalid request, and where the kernel or the host lacks a requirement
 */
export async function live(request: LiveRequest, hooks?: LiveHooks): Promise<LiveReport> {
  return liveWalk(request).take(hooks);
}

/** Codes of errors caused by the host or by another session. All others are bugs of the agent or of foliocheck. */
const HOST_ERRORS: readonly LiveErrorCode[] = ["agent-start", "agent-setup", "settings", "settings-busy"];

/** A walk to execute in a session. */
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
    if (error instanceof LiveError && HOST_ERRORS.includes(error.code)) {
      throw new UsageError(`cannot run here: ${error.message}`);
    }
    throw error;
  }
}
