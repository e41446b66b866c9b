/** Folios and MMs as plain mutable objects, for calls of single kernel functions. Mapcounts are logical values. */

import { freshFolio } from "../../model/state/fresh-folio.ts";
import type { Folio, KernelState, Mm, MmIdSlot, MmStruct, NodeStats, Pte } from "../../model/state/structs.ts";

export const mmA: MmStruct = { idNumber: 1, hasId: true, hasPinned: false };
export const mmB: MmStruct = { idNumber: 2, hasId: true, hasPinned: false };
export const mmC: MmStruct = { idNumber: 3, hasId: true, hasPinned: false };
/** MM without an id. */
export const mmWithoutId: MmStruct = { idNumber: 4, hasId: false, hasPinned: false };

/** Statistics of a node, 0 by default. */
export function statsWith(given: Partial<NodeStats> = {}): NodeStats {
  return { nrAnonMapped: 0, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0, ...given };
}

/** Owner slot as text: `A4` tracks four mappings of A, `-` is free. */
export type SlotWords = "-" | `${"A" | "B" | "C"}${number}`;

function slotOf(words: SlotWords): MmIdSlot {
  return words === "-"
    ? { mmId: 0, mapcount: -1 }
    : { mmId: "ABC".indexOf(words[0] as string) + 1, mapcount: Number(words.slice(1)) - 1 };
}

/** Returns the owner slots of a folio as text. */
export function slotWords(folio: { readonly slots: readonly MmIdSlot[] }): string[] {
  return folio.slots.map(({ mmId, mapcount }) =>
    mmId === 0 && mapcount === -1 ? "-" : `${"?ABC"[mmId]}${mapcount + 1}`,
  );
}

/** Options of a folio. */
export type GivenFolio = Partial<Omit<Folio, "slots" | "pages">> & {
  readonly mapcount?: number;
  readonly slots?: readonly [SlotWords, SlotWords];
  readonly pageMapcounts?: readonly number[];
  readonly exclusive?: readonly boolean[];
};

/** Returns a folio, by default of 4 pages. */
export function folioWith(given: GivenFolio = {}): Folio {
  const { mapcount, slots = ["-", "-"], pageMapcounts, exclusive, ...rest } = given;
  const nrPages = given.nrPages ?? 4;
  return {
    ...freshFolio(nrPages),
    hpagePmdNr: 0,
    frameNumber: 1,
    allocated: true,
    nrPages,
    refcount: 1,
    largeMapcount: (mapcount ?? 0) - 1,
    slots: slots.map(slotOf),
    pages: Array.from({ length: nrPages }, (_, i) => ({
      mapcount: (pageMapcounts?.[i] ?? 0) - 1,
      anonExclusive: exclusive?.[i] ?? false,
      content: 0,
    })),
    ...rest,
  };
}

/**
 * Parses page table entries: `a1` is page 1 of the first folio, read-only, `b0w` page 0 of the second one, writable,
 * and `-` none. `s3` is a swap entry of slot 3, `s3x` an exclusive one. `a1i` is a readable migration entry, `a1m` an
 * exclusive one, `a1M` a writable one.
 */
export function ptesOf(words: string): Pte[] {
  return words.split(" ").map((word) => {
    const [letter = "-", position = "0", kind = ""] = /^(.)(\d*)(.?)$/.exec(word)?.slice(1) ?? [];
    const swap = letter === "s";
    return {
      folio: "abc".indexOf(letter) + 1,
      page: Number(position),
      writable: kind === "w" || kind === "M",
      migration: "imM".includes(kind) && kind !== "",
      exclusive: kind === "m" || kind === "x",
      swap,
    };
  });
}

/**
 * Returns a kernel state of plain mutable objects.
 *
 * @param given.ptes for each MM the entries of its one anon VMA, in the syntax of `ptesOf`
 * @param given.filePages swap slots of the pages of the file, plus one; 0 for a page that is not swapped out
 * @param given.swapCounts swap_map of each swap slot; folios of the swap cache are assigned by `folio.swap`
 */
export function kernelStateWith(given: {
  readonly folios: readonly Folio[];
  readonly ptes?: readonly string[];
  readonly swapCounts?: readonly number[];
  readonly filePages?: readonly number[];
}): KernelState & { readonly mms: readonly (Mm & { hasPinned: boolean })[] } {
  const folios = given.folios.map((folio, i) => ({ ...folio, frameNumber: i + 1 }));
  const cachedAt = (slot: number): number =>
    folios.findIndex(({ swapcache, swap, nrPages }) => swapcache && slot >= swap && slot < swap + nrPages) + 1;
  return {
    folios,
    mms: (given.ptes ?? []).map((words, m) => ({
      idNumber: m + 1,
      hasId: true,
      hasPinned: false,
      vmas: [
        {
          anonymous: true,
          pmd: { folio: 0, writable: false, migration: false, exclusive: false },
          ptes: ptesOf(words),
        },
      ],
    })),
    stats: statsWith(),
    swapSlots: (given.swapCounts ?? []).map((count, slot) => ({ count, folio: cachedAt(slot), content: 0 })),
    filePages: (given.filePages ?? []).map((swap) => ({ swap })),
  };
}
