/** Restriction to traces of the model: those of C code do not contain the code. */
import { TREE } from "../job/tree-kernel.ts";
import type { TraceReport } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { imageCommands } from "./image-commands.ts";
import { isImageTrace } from "./image-trace.ts";

/**
 * Requires a kernel of the model.
 *
 * @param kernel name of the kernel that executes the trace
 * @throws UsageError when the kernel is the C code of a tree
 */
export function requireModelled(trace: TraceReport, kernel: string): void {
  if (isImageTrace(trace)) {
    const [search, live = "no running kernel"] = imageCommands(trace);
    throw new UsageError(
      `the trace is of whole files of a kernel tree, which are not in it: ${search} finds it again, and ${live} takes its steps`,
    );
  }
  if (kernel === TREE) {
    throw new UsageError(
      `the trace is of the C code of a kernel tree, which is not in it: ${gateCommand(trace)} finds it again, and --variant v7.1 takes the model's kernel instead`,
    );
  }
}

/** Returns the command that finds a trace of C code again. */
export function gateCommand({ config, machine }: TraceReport): string {
  return `foliocheck gate --tree TREE --config ${config} --only ${machine}`;
}
