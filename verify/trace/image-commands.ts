/** The commands that come to a trace of an mm image again. */

import type { TraceReport } from "../report/report.ts";
import { isImageTrace, notOnRunningKernel } from "./image-trace.ts";

/**
 * The commands: the search that finds it, and, where user space can take every step, those that take it on a running kernel.
 *
 * @param file the name of the file that holds the trace, as a word of a shell command
 */
export function imageCommands(trace: TraceReport, file = "FILE"): readonly string[] {
  const values = Object.entries(trace.bounds).map(([name, value]) => `--${name} ${value}`);
  return [
    `foliocheck image --tree TREE --config ${trace.config} ${values.join(" ")}`,
    ...(notOnRunningKernel(trace) === undefined
      ? [`foliocheck live ${file}`, `foliocheck repro ${file} > repro.c`]
      : []),
  ];
}

/** The trace with its commands, where it is one of an mm image. */
export function withCommands(trace: TraceReport): TraceReport {
  return isImageTrace(trace) ? { ...trace, again: imageCommands(trace) } : trace;
}
