/** Catalogue of the playground. */
import { MACHINES } from "../../machines/index.ts";
import { BASE_KERNELS, VARIANTS } from "../../model/kernels/index.ts";
import type { KernelEntry, PlaygroundCatalogue } from "../protocol/catalogue.ts";
import { isReduction } from "./reductions.ts";

/** Returns the catalogue. */
export function playgroundCatalogue(): PlaygroundCatalogue {
  return {
    machines: MACHINES.map(({ name, summary, bounds }) => ({
      name,
      summary,
      bounds: bounds.filter((bound) => !isReduction(name, bound.name)),
    })),
    kernels: [
      ...BASE_KERNELS.map(({ name, summary }): KernelEntry => ({ name, summary, kind: "release", notOn: [] })),
      ...VARIANTS.map(
        ({ name, summary, faulty, notOn = [], caught }): KernelEntry => ({
          name,
          summary,
          kind: faulty ? "faulty" : "fault-free",
          notOn,
          ...(caught === undefined
            ? {}
            : {
                caught: {
                  setting: {
                    machine: caught.machine,
                    bounds: caught.bounds,
                    config: caught.config,
                    kernel: name,
                    ...(caught.calls === undefined ? {} : { calls: caught.calls }),
                  },
                  property: caught.property,
                },
              }),
        }),
      ),
    ],
  };
}
