/** The model's kernel that a tree is compared with, as text. */
import type { GateKernelReport } from "../../verify/report/report.ts";

/** Formats a kernel and the identifier that determines it: `v7.1 (mm/memory.c has folio_put_swap)`. */
export function kernelText({ name, sign }: GateKernelReport): string {
  return sign === undefined
    ? `${name} (the tree has no sign of a newer one)`
    : `${name} (${sign.file} has ${sign.identifier})`;
}
