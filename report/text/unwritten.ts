/** Failed writes as text. */
import type { UnwrittenFile } from "../../verify/report/report.ts";

/** Formats a failed write: `cannot write run.checkpoint: no space left on device`. */
export function describeUnwritten({ file, reason }: UnwrittenFile): string {
  return `cannot write ${file}: ${reason}`;
}
