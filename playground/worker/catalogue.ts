/** Catalogue of the playground. */
import { BASE_KERNELS, VARIANTS } from "../../model/kernels/index.ts";
import { PLAYGROUND_MACHINES } from "../address/machines.ts";
import type { KernelEntry, PlaygroundCatalogue } from "../protocol/catalogue.ts";

/** Returns the catalogue. */
export function playgroundCatalogue(): PlaygroundCatalogue {
  return {
    machines: PLAYGROUND_MACHINES.map(({ name, summary, bounds }) => ({ name, summary, bounds })),
    kernels: [
      ...BASE_KERNELS.map(({ name, summary }): KernelEntry => ({ name, summary, kind: "release", notOn: [] })),
      ...VARIANTS.filter(isOfWholeOperations).map(
        ({ name, summary, faulty, notOn = [], caught }): KernelEntry => ({
          name,
          summary,
          kind: faulty ? "faulty" : "fault-free",
          notOn,
          ...(caught === undefined
            ? {}
            : {
                caught: {
                  setting: { machine: caught.machine, bounds: caught.bounds, config: caught.config, kernel: name },
                  property: caught.property,
                },
              }),
        }),
      ),
    ],
  };
}

/** Whether a variant is not caught by interleavings only. */
function isOfWholeOperations({ caught }: (typeof VARIANTS)[number]): boolean {
  return caught === undefined || PLAYGROUND_MACHINES.some(({ name }) => name === caught.machine);
}
