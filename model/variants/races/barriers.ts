/** Patches to memory barriers. The overridden functions are in model/kernel/rmap.ts. */
import * as rmap from "../../kernel/rmap.ts";
import { faulty, type Variant } from "../variant.ts";
import { callsViolate } from "./catch.ts";

/** Kernels without a barrier that a memory model needs. */
export const barrierRaces: readonly Variant[] = [
  faulty("try-share-without-first-barrier", {
    summary:
      "An exclusive page is shared without smp_mb() between the cleared entry and the look at the pins: GUP-fast pins it, " +
      "and the entry that it looks at again is still there",
    caught: callsViolate("C11.warnings", "migrate(0, 1) | gupFast(0, 0, true)", { bounds: { tso: 1 } }),
    overrides: {
      folioTryShareAnonRmap(folio, page) {
        return rmap.folioTryShareAnonRmap.call({ ...this, smpMb: () => {} }, folio, page);
      },
    },
  }),
];
