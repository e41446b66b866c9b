/** What the gate explores of the mm image: bounds, by profile. */
import type { GateConfiguration } from "../gate/compiled-kernel.ts";
import { gateConfig } from "../gate/configurations.ts";
import { IMAGE_MACHINE } from "../gate/image/image-machine.ts";
import type { ImageModule } from "../gate/image/image-module.ts";
import type { Bounds } from "../invariants/machine-definition.ts";
import { formatConfig } from "../model/config.ts";
import type { GateRequest } from "./gate-plan.ts";
import { imageJob } from "./image-job.ts";
import type { Job } from "./job.ts";

/** Groups of operations: each is a run, with executions of at most so many operations; of 0 steps are executions of any length. */
const GROUPS: readonly { readonly bounds: Bounds; readonly steps: Readonly<Record<string, number>> }[] = [
  { bounds: { mms: 1 }, steps: { quick: 0, ci: 0, deep: 0 } },
  { bounds: { mms: 2, split: 1, migrate: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, free: 1 }, steps: { quick: 5, ci: 6, deep: 7 } },
  { bounds: { mms: 2, protect: 1, unmap: 1, dontfork: 1 }, steps: { quick: 4, ci: 5, deep: 6 } },
  { bounds: { mms: 1, pages: 16, move: 1, unmap: 1, free: 1, hint: 1 }, steps: { quick: 3, ci: 4, deep: 5 } },
];

/** Whether a gate that is asked for explores images. */
export function asksForImage({ only, judge, image }: Pick<GateRequest, "only" | "judge" | "image">): boolean {
  return image !== false && judge !== "conformance" && (only === undefined || only === IMAGE_MACHINE);
}

/** Whether a configuration has an image: it has transparent huge pages, and so MM ids. */
export function hasImage({ mmId }: GateConfiguration): boolean {
  return mmId;
}

/** The jobs for the image of one configuration. */
export function imageJobs(module: ImageModule, configuration: GateConfiguration, request: GateRequest): Job[] {
  const config = formatConfig(gateConfig(configuration));
  const { profile, budget } = request;
  // Claims find what a change breaks; that the model says the same of it takes a quarter more time.
  const lockstep = profile === "deep" ? 1 : 0;
  return GROUPS.map(({ bounds, steps }) =>
    imageJob(module, { config, bounds: { ...bounds, steps: steps[profile] ?? 0, lockstep }, budget }),
  );
}
