/** The kernel of the model that the C code of a tree is compared with, and whose parts the gate has no C code for. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { baseKernelNamed } from "../../model/kernels/base-kernels.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/**
 * The kernel of a unit, with the counts of struct folio that its tree keeps.
 *
 * @throws RangeError when the model has no such kernel
 */
export function baseKernel(unit: Pick<TranslationUnit, "configuration" | "counts" | "modelKernel">): Kernel {
  const { configuration, counts, modelKernel } = unit;
  const kernel = baseKernelNamed(modelKernel.name)?.build(gateConfig(configuration));
  if (kernel === undefined) {
    throw new RangeError(`the model has no kernel ${modelKernel.name}`);
  }
  return {
    ...kernel,
    tracksEntireMapcount: kernel.tracksEntireMapcount && counts.includes("_entire_mapcount"),
    tracksNrPagesMapped: kernel.tracksNrPagesMapped && counts.includes("_nr_pages_mapped"),
  };
}
