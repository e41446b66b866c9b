/** Generates a C program that executes a trace of an image on a running kernel. */
import type { KernelConfig } from "../../model/kernel/config.ts";
import { reproducerProgram } from "../reproducer/reproducer-program.ts";
import { reproducerSources } from "../reproducer/reproducer-sources.ts";
import type { ImagePlan } from "./image-plan.ts";

/** Parameters of a program. */
export interface ImageProgramSubject {
  readonly config: KernelConfig;
  /** Id of the property that the trace violates or reaches. */
  readonly property: string;
  /** Lines for the comment at the top. */
  readonly about: readonly string[];
}

/** Returns the text of the program. */
export function imageProgram(
  { session, operations, run }: ImagePlan,
  { config, property, about }: ImageProgramSubject,
): string {
  const layout =
    run === 1
      ? []
      : [`A page of the trace is a run of ${run} pages here: a PMD maps 8 of them there, and ${8 * run} pages here.`];
  return reproducerProgram(
    operations,
    {
      bounds: session,
      config,
      about: [...about, ...layout],
      reference: "trace",
      conclusions: {
        same: `The kernel does what the trace shows, in everything that user space can see; a violation of ${property} may be invisible.`,
        different: "The kernel does not do what the trace shows: the lines above show the differences.",
        notCompared: "What the kernel does in the last step is not compared: in the image it ends in a fault.",
      },
    },
    reproducerSources(),
  );
}
