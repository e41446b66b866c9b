/** A C program that takes a trace of an image on a running kernel. */
import type { KernelConfig } from "../../model/config.ts";
import { reproducerProgram } from "../reproducer-program.ts";
import type { ImagePlan } from "./image-plan.ts";

/** The program. @param about what the comment at the top says of it, in lines */
export function imageProgram(
  { session, operations, run }: ImagePlan,
  config: KernelConfig,
  about: readonly string[],
): string {
  const layout =
    run === 1
      ? []
      : [`A page of the trace is a run of ${run} pages here: a PMD maps 8 of them there, and ${8 * run} pages here.`];
  return reproducerProgram(operations, {
    bounds: session,
    config,
    about: [...about, ...layout],
    reference: "trace",
    conclusions: [
      "The kernel does what the trace shows, as far as user space can see.",
      "The kernel does not do what the trace shows: the lines above say what it does instead.",
    ],
  });
}
