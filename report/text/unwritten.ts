/** Files that could not be written, as sentences without an end. */
import type { UnwrittenFile } from "../../verify/report/report.ts";

/** `cannot write run.checkpoint: no space left on device`. */
export function describeUnwritten({ file, reason }: UnwrittenFile): string {
  return `cannot write ${file}: ${reason}`;
}
