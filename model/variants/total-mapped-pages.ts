/** Mistakes in `_total_mapped_pages`. The overridden functions are in model/kernel/rfc-2026-04.ts. */
import { type Catch, faulty, type Variant } from "./variant.ts";

const BASE = "rfc-2026-04";

/** PMD mappings of folios of four pages, and two MMs. */
function pmd(property: string, steps: number, bounds: Catch["bounds"] = {}): Catch {
  return { property, steps, machine: "pmd", bounds: { pages: 4, mms: 2, ...bounds }, config: "" };
}

/** Faulty versions of the RFC of 2026-04-12. */
export const totalMappedPagesVariants: readonly Variant[] = [];
