/** Traces of mm images on a running kernel: as a C program, and live. */

import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { notChecked } from "../../invariants/not-checked.ts";
import { formatConfig, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { DescribeDiagnostic } from "../../verify/report/diagnostic.ts";
import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import { REPORT_VERSION, type TraceReport } from "../../verify/report/report.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { RefusedOperation, takeImageTrace } from "../image/image-execution.ts";
import { type ImagePlan, planImage } from "../image/image-plan.ts";
import { imageProgram } from "../image/image-program.ts";
import type { LiveSession } from "../session/session.ts";
import { NotReproducible } from "../walk/not-reproducible.ts";
import type { LiveHost, LiveReport } from "./live-report.ts";

/** Whether a trace is one of an mm image. */
export function isImageTrace({ machine }: Pick<TraceReport, "machine">): boolean {
  return machine === IMAGE_MACHINE;
}

/** Why a trace cannot be taken on a running kernel; undefined where it can. */
export function notOnRunningKernel(trace: TraceReport): string | undefined {
  try {
    planImage(trace, parseConfig(trace.config));
    return undefined;
  } catch (error) {
    if (error instanceof NotReproducible) {
      return error.message;
    }
    throw error;
  }
}

/** @throws UsageError where user space cannot take a step of the trace */
export function planImageTrace(trace: TraceReport): ImagePlan {
  try {
    return planImage(trace, parseConfig(trace.config));
  } catch (error) {
    throw error instanceof NotReproducible ? new UsageError(error.message) : error;
  }
}

/**
 * The C program that takes a trace.
 *
 * @param describe puts a warning into words
 * @throws UsageError where user space cannot take a step of it
 */
export function imageReproducer(trace: TraceReport, describe: DescribeDiagnostic = identityOf): string {
  const { property, claim, warning, config } = trace;
  const about = [
    "The steps of a foliocheck trace of an mm image, and what user space can see after each.",
    `${property}: ${claim}`,
    ...(warning === undefined ? [] : [describe(warning)]),
    `Kernel tree, ${config}.`,
    "What the trace is about may be nothing that user space sees: a kernel that does what it shows need not have the fault.",
  ];
  return imageProgram(planImageTrace(trace), { config: parseConfig(config), property, about: about.map(asComment) });
}

/** A line that does not end the comment that it is in. */
function asComment(line: string): string {
  return line.replaceAll("*/", "* /");
}

/**
 * Takes a trace on a running kernel, and reports.
 *
 * @param config of the kernel that runs
 * @param describe puts a warning into words
 * @throws UsageError where it cannot be taken there
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
  const { difference, steps, retries } = await takenOn(session, plan, host.pageSize);
  const seconds = (performance.now() - started) / 1000;
  const shown = difference && { ...trace, steps: trace.steps.slice(0, difference.steps) };
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
      difference === undefined || shown === undefined
        ? []
        : [{ trace: shown, fields: difference.fields, reproducer: imageReproducer(shown, describe) }],
    notChecked: [
      difference === undefined
        ? notChecked(`Whether the kernel violates ${trace.property}, where that is nothing that user space sees`)
        : notChecked("Everything after the first difference"),
      ...(isComplete(plan)
        ? []
        : [notChecked("What the kernel does in the last step, which ends in a fault of the image")]),
      notChecked(
        "What user space cannot see",
        "references, owner slots, write access, queues, statistics, warnings of the kernel",
      ),
      notChecked("Concurrency", "one operation is done at a time"),
    ],
  };
}

/** Whether the last step can be compared: not where it ends in a fault of the image. */
function isComplete({ operations }: ImagePlan): boolean {
  return operations.at(-1)?.expected !== undefined;
}

async function takenOn(session: LiveSession, plan: ImagePlan, pageSize: number): ReturnType<typeof takeImageTrace> {
  try {
    return await takeImageTrace(session, plan, pageSize);
  } catch (error) {
    throw error instanceof RefusedOperation ? new UsageError(`cannot run here: ${error.message}`) : error;
  }
}

/** @throws UsageError where the kernel that runs counts mappings in another way than the trace's */
function requireConfig({ config }: TraceReport, own: KernelConfig): void {
  if (parseConfig(config).pageMapcount !== own.pageMapcount) {
    throw new UsageError(`cannot run here: the trace is of ${config}, and the running kernel has ${formatConfig(own)}`);
  }
}
