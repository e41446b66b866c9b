/** Patches to MM ids. The overridden functions are in model/kernel/fork.ts. */

import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of the allocation and freeing of MM ids. */
export const forkVariants: readonly Variant[] = [
  faulty("id-freed-before-unmap", {
    summary: "An exiting MM frees its id before its page tables",
    caught: violates("C5", 2, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      mmput(mm) {
        mm.hasId = false;
      },
    },
  }),
  faulty("id-never-freed", {
    summary: "The id of an MM that is destroyed is not freed",
    caught: violates("C20.live", 1, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      mmdrop() {},
    },
  }),
];
