/**
 * Patches to swap-out and swap-in whose errors only a concurrent CPU can reveal. The overridden functions are in
 * model/kernel/rmap-walk.ts and memory.ts.
 */
import { at } from "../../../../explore/model/schema.ts";
import { isPresent } from "../../../kernel/pgtable.ts";
import * as rmapWalk from "../../../kernel/rmap-walk.ts";
import { faulty, type Variant } from "../../variant.ts";
import { callsViolate } from "./catch.ts";

/** Faulty versions of swap. */
export const swapRaces: readonly Variant[] = [
  faulty("swap-in-without-second-look", {
    summary: "do_swap_page() does not compare the entry again under the page table lock: two CPUs handle one fault",
    caught: callsViolate("C11.warnings", "swapIn(0, 0, false) | swapIn(0, 0, false)", {
      start: "anonFault(0); swapOut(0, 1)",
    }),
    overrides: {
      swapInEntryChanged() {
        return false;
      },
    },
  }),
  faulty("unmap-shares-before-clearing", {
    summary:
      "Reclaim shares exclusive pages before it clears their entries: GUP-fast pins one after the pins were checked",
    caught: callsViolate("C11.warnings", "swapOut(0, 1) | gupFast(0, 0, true)"),
    overrides: {
      tryToUnmapOne(state, folio, mm, vma) {
        for (let i = 0; i < vma.ptes.length; i++) {
          const pte = at(vma.ptes, i);
          const isMapped = pte.folio === folio.frameNumber && isPresent(pte);
          if (isMapped && at(folio.pages, pte.page).anonExclusive && !this.folioTryShareAnonRmap(folio, pte.page)) {
            return false;
          }
        }
        return rmapWalk.tryToUnmapOne.call(this, state, folio, mm, vma);
      },
    },
  }),
];
