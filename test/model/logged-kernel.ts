/** Kernels with the log of their warnings, for tests that read it. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { reportingTo, Warnings } from "../../model/kernel/warnings.ts";

/** Kernel with its log. A kernel derived by overrides logs to the same one. */
export interface LoggedKernel extends Kernel {
  readonly warnings: Warnings;
}

/** Returns the kernel with a log. */
export function withLog(kernel: Kernel): LoggedKernel {
  const warnings = new Warnings();
  return { ...reportingTo(warnings, kernel), warnings };
}

/** Returns the log of a kernel; undefined if it has none. */
export function logOf(kernel: Kernel): Warnings | undefined {
  return "warnings" in kernel ? (kernel as LoggedKernel).warnings : undefined;
}
