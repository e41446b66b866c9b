/** Commands that reproduce a trace of an mm image. */

import { IMAGE_BOUNDS } from "../../gate/image/world/image-bounds.ts";
import type { TraceReport } from "../report/report.ts";
import { isImageTrace, notOnRunningKernel } from "./image-trace.ts";

/**
 * Returns the commands: the search that finds the trace, and, if user space can take every step, those that take its
 * steps on a running kernel.
 *
 * @param file the name of the file that holds the trace, as a word of a shell command
 */
export function imageCommands(trace: TraceReport, file = "FILE"): readonly string[] {
  return [
    imageCommand(trace),
    ...(notOnRunningKernel(trace) === undefined
      ? [`foliocheck live ${file}`, `foliocheck repro ${file} > repro.c`]
      : []),
  ];
}

/** Returns the command that explores an image. @param tree the source tree, as a word of a shell command */
export function imageCommand({ config, bounds }: Pick<TraceReport, "config" | "bounds">, tree = "TREE"): string {
  const values = Object.entries(bounds)
    .filter(([name, value]) => value !== IMAGE_BOUNDS.find((each) => each.name === name)?.default)
    .map(([name, value]) => ` --${name} ${value}`);
  return `foliocheck image --tree ${tree} --config ${config}${values.join("")}`;
}

/** Adds its commands to a trace of an mm image; returns any other trace unchanged. */
export function withCommands(trace: TraceReport): TraceReport {
  return isImageTrace(trace) ? { ...trace, reproduce: imageCommands(trace) } : trace;
}
