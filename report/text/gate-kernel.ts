/** Which kernel of the model a tree was compared with, in words. */
import type { GateKernelReport } from "../../verify/report/report.ts";

/** `v7.1 (mm/memory.c has folio_put_swap)`. */
export function kernelText({ name, sign }: GateKernelReport): string {
  return sign === undefined
    ? `${name} (the tree has no sign of a newer one)`
    : `${name} (${sign.file} has ${sign.identifier})`;
}
