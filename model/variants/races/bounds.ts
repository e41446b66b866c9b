/** Bounds of machine race at which faulty kernels are caught: as few operations as it takes. */
import type { Exploration } from "../variant.ts";

const FEW: Exploration["bounds"] = { cpus: 2, pages: 2, mms: 2, pmd: 0, writes: 0, gup: 0, references: 0, readers: 0, shrinker: 0 };

/** Two CPUs, two MMs and two pages, and nothing but newMm, fork, exit, anonFault and zap, unless it is given. */
export function tiny(more: Exploration["bounds"]): Exploration["bounds"] {
  return { ...FEW, ...more };
}
