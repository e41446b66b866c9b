/** Executes traces of mm images on a running kernel. */

import { notChecked } from "../../invariants/not-checked.ts";
import { formatConfig, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { DescribeDiagnostic } from "../../verify/report/diagnostic.ts";
import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import { REPORT_VERSION, type TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { executeImageTrace, RefusedOperation } from "../image/image-execution.ts";
import type { ImagePlan } from "../image/image-plan.ts";
import type { LiveSession } from "../session/session.ts";
import { imageReproducer } from "./image-reproducer.ts";
import type { LiveHost, LiveReport } from "./report.ts";
/**
 * Executes a trace on a running kernel.
 *
 * @param config configuration of the running kernel
 * @param describe returns the text of a warning
 * @returns the report
 * @throws UsageError if the host cannot execute the trace
 */
export async function runImageTrace(
  trace: TraceReport,
  plan: ImagePlan,
  session: LiveSession,
  host: LiveHost,
  config: KernelConfig,
  describe: DescribeDiagnostic = identityOf,
): Promise<LiveReport> {
  requireConfig(trace, config);
  const started = performance.now();
  const { difference, steps, retries } = await takeTrace(session, plan, host.pageSize);
  const seconds = (performance.now() - started) / 1000;
  const shortened = difference && { ...trace, steps: trace.steps.slice(0, difference.steps) };
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "live",
    verdict: difference !== undefined ? "violated" : isComplete(plan) ? "holds" : "incomplete",
    scope: "trace",
    machine: trace.machine,
    kernel: trace.kernel,
    config: trace.config,
    bounds: trace.bounds,
    host,
    walk: { kind: "trace", property: trace.property, pagesOfEntry: plan.run },
    steps,
    stepsPerSecond: seconds > 0 ? Math.round(steps / seconds) : 0,
    retries,
    seconds,
    differences:
      difference === undefined || shortened === undefined
        ? []
        : [{ trace: shortened, fields: difference.fields, reproducer: imageReproducer(shortened, describe) }],
    notChecked: [
      difference === undefined
        ? notChecked(`Whether the kernel violates ${trace.property} in a way that user space cannot observe`)
        : notChecked("Everything after the first difference"),
      ...(isComplete(plan)
        ? []
        : [notChecked("The kernel's behaviour in the last step, which ends in a fault of the image")]),
      notChecked(
        "State that user space cannot observe",
        "references, owner slots, write access, queues, statistics, warnings of the kernel",
      ),
      notChecked("Concurrency", "one operation is done at a time"),
    ],
  };
}

/** Whether the last step can be compared, which is not the case if it ends in a fault of the image. */
function isComplete({ operations }: ImagePlan): boolean {
  return operations.at(-1)?.expected !== undefined;
}

async function takeTrace(
  session: LiveSession,
  plan: ImagePlan,
  pageSize: number,
): ReturnType<typeof executeImageTrace> {
  try {
    return await executeImageTrace(session, plan, pageSize);
  } catch (error) {
    throw error instanceof RefusedOperation ? new UsageError(`cannot run here: ${error.message}`) : error;
  }
}

/** @throws UsageError if mapcounts differ in kind between the running kernel and that of the trace */
function requireConfig({ config }: TraceReport, running: KernelConfig): void {
  if (parseConfig(config).pageMapcount !== running.pageMapcount) {
    throw new UsageError(
      `cannot run here: the trace is of ${config}, and the running kernel has ${formatConfig(running)}`,
    );
  }
}
