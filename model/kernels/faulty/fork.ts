/** Patches to MM ids. The overridden functions are in model/kernel/fork.ts. */

import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of the life of MM ids. */
export const forkVariants: readonly Variant[] = [
  faulty("id-freed-before-unmap", {
    summary: "An exiting MM gives its id back before its page tables are gone",
    caught: violates("C5", 2, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      mmput(mm) {
        mm.hasId = false;
      },
    },
  }),
  faulty("id-never-freed", {
    summary: "An MM that is gone keeps its id",
    caught: violates("C20.live", 1, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      mmdrop() {},
    },
  }),
];
