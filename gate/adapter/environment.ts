/**
 * Environment functions for C code without the model. The model's kernel meets all expectations of the environment; C
 * code may not.
 */
import { BeyondBounds } from "../../explore/model/errors.ts";
import { at } from "../../explore/model/schema.ts";
import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import type { Folio } from "../../model/state/structs.ts";
import type { WithOpaqueWords } from "./opaque-words.ts";

/** Opaque words: 32-bit words of the struct pages that C code uses and the model has no field for. */
interface OpaqueState {
  /** Positions of the words, from the first struct page of the folio. */
  readonly positions: readonly number[];
  /** Length of a struct page, in 32-bit words. */
  readonly pageWords: number;
  /** Returns the values of the words in a new large folio. */
  readonly fresh: (nrPages: number) => readonly number[];
}

/** Builds the environment functions that differ. */
export function environmentFor(base: Kernel, opaque: OpaqueState): KernelPatch {
  return {
    folioAlloc(machine, nrPages) {
      // Fork copies a page that the C code refuses to share, but the environment reserved folios by the model's rule.
      if (this.folioFree(machine, nrPages) === undefined) {
        throw new BeyondBounds("the C code makes a step need more folios than the bounds have");
      }
      return base.folioAlloc.call(this, machine, nrPages);
    },
    ...(opaque.positions.length > 0 && {
      splitUnmappedFolio(machine, folio, newPages, walk) {
        checkHoldsFresh(folio as Folio & WithOpaqueWords, opaque);
        base.splitUnmappedFolio.call(this, machine, folio, newPages, walk);
        clearWords(folio as Folio & WithOpaqueWords, opaque, (position) => position >= opaque.pageWords);
      },
      splitOffPage(machine, folio, page, newPages) {
        const newFolio = base.splitOffPage.call(this, machine, folio, page, newPages);
        clearWords(newFolio as Folio & WithOpaqueWords, opaque, (position) => position < opaque.pageWords);
        return newFolio;
      },
    }),
  };
}

/**
 * Checks that the opaque words of a folio have the values of a new folio. The model moves a page that is split off to
 * another folio; words with the values of a new folio need not move. The effect of a split on other values is
 * determined by functions that are not in scope.
 */
function checkHoldsFresh(
  { extra, nrPages }: Folio & WithOpaqueWords,
  { positions, pageWords, fresh }: OpaqueState,
): void {
  const words = fresh(nrPages);
  for (let i = 0; i < extra.length; i++) {
    const { low, high } = at(extra, i);
    const position = at(positions, i);
    if (position < nrPages * pageWords && (low | (high << 16)) !== words[i]) {
      throw new BeyondBounds(
        `a folio is split while the C code holds a value in word ${position} of its struct pages, and the code that ` +
          "handles it in a split is not in scope",
      );
    }
  }
}

/**
 * Clears opaque words after a split: those in the first struct page of the new folio, and those in the tail pages of
 * the remaining folio.
 */
function clearWords(
  { extra }: WithOpaqueWords,
  { positions }: OpaqueState,
  which: (position: number) => boolean,
): void {
  for (let i = 0; i < extra.length; i++) {
    if (which(at(positions, i))) {
      const word = at(extra, i);
      word.low = 0;
      word.high = 0;
    }
  }
}
