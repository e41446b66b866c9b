/** Kernels with the log that their warnings go to, for tests that read it. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { reportingTo, Warnings } from "../../model/kernel/warnings.ts";

/** A kernel with its log. A kernel that is made of it by overrides reports to the same one. */
export interface HeardKernel extends Kernel {
  readonly warnings: Warnings;
}

/** The kernel with a log of its own. */
export function heard(kernel: Kernel): HeardKernel {
  const warnings = new Warnings();
  return { ...reportingTo(warnings, kernel), warnings };
}

/** The log of a kernel that has one. */
export function logOf(kernel: Kernel): Warnings | undefined {
  return "warnings" in kernel ? (kernel as HeardKernel).warnings : undefined;
}
