/** The kernel of the model that the C code of a tree is compared with, and whose parts the gate has no C code for. */
import type { Kernel } from "../model/kernel/kernel.ts";
import { rfc_2026_04 } from "../model/kernel/rfc-2026-04.ts";
import { v6_15 } from "../model/kernel/v6-15.ts";
import type { KernelUnit } from "./compiled-kernel.ts";
import { gateConfig } from "./configurations.ts";

/** The kernel of a unit: by the counts of struct folio that its tree keeps, not by its version. */
export function baseKernel({ configuration, counts }: Pick<KernelUnit, "configuration" | "counts">): Kernel {
  const config = gateConfig(configuration);
  if (counts.includes("_total_mapped_pages")) {
    return rfc_2026_04(config);
  }
  const { tracksEntireMapcount, tracksNrPagesMapped, ...rest } = v6_15(config);
  return {
    ...rest,
    tracksEntireMapcount: tracksEntireMapcount && counts.includes("_entire_mapcount"),
    tracksNrPagesMapped: tracksNrPagesMapped && counts.includes("_nr_pages_mapped"),
  };
}
