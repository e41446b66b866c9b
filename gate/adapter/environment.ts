/**
 * What the environment does otherwise when C code alone is the kernel: the model's own functions are consistent with what
 * the environment expects of them, and C code need not be.
 */
import { BeyondBounds } from "../../explore/model/errors.ts";
import { at } from "../../explore/model/schema.ts";
import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import type { Folio } from "../../model/state/structs.ts";
import type { WithExtra } from "./exchange-buffer.ts";

/** Words of the struct pages that C code keeps, beside what the model has fields for. */
interface OpaqueState {
  /** Their positions. */
  readonly positions: readonly number[];
  /** Length of a struct page, in such words. */
  readonly pageWords: number;
  /** What they hold in a large folio that was just made. */
  readonly fresh: (nrPages: number) => readonly number[];
}

/** The functions of the environment. */
export function environmentFor(base: Kernel, kept: OpaqueState): KernelPatch {
  return {
    folioAlloc(machine, nrPages) {
      // Fork copies what the C code does not let it share: the environment counts by the model's rule whether there is room.
      if (this.folioFree(machine, nrPages) === undefined) {
        throw new BeyondBounds("the C code makes a step need more folios than the bounds have");
      }
      return base.folioAlloc.call(this, machine, nrPages);
    },
    ...(kept.positions.length > 0 && {
      splitUnmappedFolio(machine, folio, newPages, walk) {
        checkKeepsNothing(folio as Folio & WithExtra, kept);
        base.splitUnmappedFolio.call(this, machine, folio, newPages, walk);
        forgetWords(folio as Folio & WithExtra, kept, (position) => position >= kept.pageWords);
      },
      splitOffPage(machine, folio, page, newPages) {
        const newFolio = base.splitOffPage.call(this, machine, folio, page, newPages);
        forgetWords(newFolio as Folio & WithExtra, kept, (position) => position < kept.pageWords);
        return newFolio;
      },
    }),
  };
}

/**
 * A page that is split off lies elsewhere afterwards, in the model only. Where the C code keeps nothing but what it keeps of
 * a new folio, there is nothing to move; what becomes of a word that holds more is decided by functions that are not in scope.
 */
function checkKeepsNothing({ extra, nrPages }: Folio & WithExtra, { positions, pageWords, fresh }: OpaqueState): void {
  const words = fresh(nrPages);
  for (let i = 0; i < extra.length; i++) {
    const { low, high } = at(extra, i);
    const position = at(positions, i);
    if (position < nrPages * pageWords && (low | (high << 16)) !== words[i]) {
      throw new BeyondBounds(
        `a folio is split while the C code keeps something in word ${position} of its struct pages, and what a split does to ` +
          "that is not in scope",
      );
    }
  }
}

/** The struct page of a page that was split off holds nothing else; of the folio that is left, only the first is its own. */
function forgetWords({ extra }: WithExtra, { positions }: OpaqueState, which: (position: number) => boolean): void {
  for (let i = 0; i < extra.length; i++) {
    if (which(at(positions, i))) {
      const word = at(extra, i);
      word.low = 0;
      word.high = 0;
    }
  }
}
