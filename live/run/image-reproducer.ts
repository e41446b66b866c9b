/** Generates C programs that execute traces of mm images on a running kernel. */
import { parseConfig } from "../../model/kernel/config.ts";
import type { DescribeDiagnostic } from "../../verify/report/diagnostic.ts";
import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { planImageTrace } from "../../verify/trace/image-trace.ts";
import { imageProgram } from "../image/image-program.ts";

/**
 * Returns a C program that executes a trace.
 *
 * @param describe returns the text of a warning
 * @throws UsageError for a step that cannot be performed from user space
 */
export function imageReproducer(trace: TraceReport, describe: DescribeDiagnostic = identityOf): string {
  const { property, claim, warning, config } = trace;
  const about = [
    "The steps of a foliocheck trace of an mm image, and the state that user space can observe after each.",
    `${property}: ${claim}`,
    ...(warning === undefined ? [] : [describe(warning)]),
    `Kernel tree, ${config}.`,
    "User space may be unable to observe the fault: a kernel with these observations need not have it.",
  ];
  return imageProgram(planImageTrace(trace), { config: parseConfig(config), property, about: about.map(asComment) });
}

/** Returns a line without an end of a comment. */
function asComment(line: string): string {
  return line.replaceAll("*/", "* /");
}
