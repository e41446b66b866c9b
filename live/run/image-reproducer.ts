/** C programs that take traces of mm images on a running kernel. */
import { parseConfig } from "../../model/kernel/config.ts";
import type { DescribeDiagnostic } from "../../verify/report/diagnostic.ts";
import { identityOf } from "../../verify/report/diagnostic-identity.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { planImageTrace } from "../../verify/trace/image-trace.ts";
import { imageProgram } from "../image/image-program.ts";

/**
 * The C program that takes a trace.
 *
 * @param describe puts a warning into words
 * @throws UsageError where user space cannot take a step of it
 */
export function imageReproducer(trace: TraceReport, describe: DescribeDiagnostic = identityOf): string {
  const { property, claim, warning, config } = trace;
  const about = [
    "The steps of a foliocheck trace of an mm image, and what user space can see after each.",
    `${property}: ${claim}`,
    ...(warning === undefined ? [] : [describe(warning)]),
    `Kernel tree, ${config}.`,
    "What the trace is about may be nothing that user space sees: a kernel that does what it shows need not have the fault.",
  ];
  return imageProgram(planImageTrace(trace), { config: parseConfig(config), property, about: about.map(asComment) });
}

/** A line that does not end the comment that it is in. */
function asComment(line: string): string {
  return line.replaceAll("*/", "* /");
}
