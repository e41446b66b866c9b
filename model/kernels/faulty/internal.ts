/** Patches to batches of page table entries. The overridden functions are in model/kernel/internal.ts. */
import { at } from "../../../explore/model/schema.ts";
import { isPresent } from "../../kernel/pgtable.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of the batch functions. */
export const internalVariants: readonly Variant[] = [
  faulty("batch-over-holes", {
    summary: "A batch of entries does not stop at an entry that is none",
    caught: violates("C6.bad-pte", 3, "rmap", { pages: 4, mms: 2 }),
    overrides: {
      folioPteBatch(ptes, first, end, nrPages) {
        const { folio, page } = at(ptes, first);
        const most = Math.min(end - first, nrPages - page);
        let nr = 1;
        while (nr < most && (at(ptes, first + nr).folio === folio || at(ptes, first + nr).folio === 0)) {
          nr++;
        }
        return nr;
      },
    },
  }),
  faulty("batch-of-any-pages", {
    summary: "A batch of entries continues while they map pages of one folio, in any order",
    caught: violates("C4.bad-page", 4, "mremap", { pages: 4, mms: 1, smallFolios: 1 }),
    overrides: {
      folioPteBatch(ptes, first, end, nrPages) {
        const { folio, page } = at(ptes, first);
        const most = Math.min(end - first, nrPages - page);
        let nr = 1;
        while (nr < most && at(ptes, first + nr).folio === folio && isPresent(at(ptes, first + nr))) {
          nr++;
        }
        return nr;
      },
    },
  }),
  faulty("swap-batch-ignores-exclusive", {
    summary: "A batch of swap entries does not stop where the entries stop being exclusive",
    caught: violates("C11.warnings", 9, "swap", {
      pages: 2,
      minPages: 2,
      mms: 2,
      smallFolios: 1,
      swapSlots: 2,
      holders: 1,
    }),
    overrides: {
      swapPteBatch(ptes, first, end) {
        const { page } = at(ptes, first);
        let nr = 1;
        while (first + nr < end && at(ptes, first + nr).swap && at(ptes, first + nr).page === page + nr) {
          nr++;
        }
        return nr;
      },
    },
  }),
];
