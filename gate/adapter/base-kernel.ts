/** The model's kernel: the C code of a tree is compared with it, and functions without C code come from it. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import { baseKernelNamed } from "../../model/kernels/base-kernels.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/**
 * Builds the model's kernel for a translation unit, with those counts of struct folio that its tree has.
 *
 * @throws RangeError if the model has no kernel of that name
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
