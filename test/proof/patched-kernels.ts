/** The kernels of the model that patch owner tracking. */
import { VARIANTS } from "../../model/kernels/index.ts";
import type { Variant } from "../../model/kernels/variant.ts";

/** The functions under proof, and the inner ones that patches override. */
const FUNCTIONS = /^folio(?:Set|AddReturn|SubReturn)LargeMapcount$|MmIdSlot$|^folioMaybeMappedShared$/;

/** Patches of accesses and locks do the same when an operation runs as a whole. */
const isOfRaces = ({ caught }: Variant): boolean => caught?.machine === "race";

/** It guesses from the mapcount of the first page, and this proof is about no page. */
const READS_PAGES = ["likely-mapped-shared"];

export const patchedKernels: readonly Variant[] = VARIANTS.filter(
  (variant) =>
    Object.keys(variant.overrides).some((name) => FUNCTIONS.test(name)) &&
    !isOfRaces(variant) &&
    !READS_PAGES.includes(variant.name),
);
