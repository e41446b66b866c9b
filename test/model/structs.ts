/** Folios and MMs as plain mutable objects, to call single kernel functions on. Mapcounts are given as logical values. */
import type { Folio, MmIdSlot, MmStruct } from "../../model/kernel/structs.ts";

export const mmA: MmStruct = { idNumber: 1, hasId: true };
export const mmB: MmStruct = { idNumber: 2, hasId: true };
export const mmC: MmStruct = { idNumber: 3, hasId: true };
/** An MM that has no id: not yet, or no longer. */
export const mmWithoutId: MmStruct = { idNumber: 4, hasId: false };

/** A slot in words: `A4` tracks four mappings of A, `-` is free. */
export type SlotWords = "-" | `${"A" | "B" | "C"}${number}`;

function slotOf(words: SlotWords): MmIdSlot {
  return words === "-"
    ? { mmId: 0, mapcount: -1 }
    : { mmId: "ABC".indexOf(words[0] as string) + 1, mapcount: Number(words.slice(1)) - 1 };
}

/** The slots of a folio in the words of `largeFolio`. */
export function slotWords(folio: { readonly slots: readonly MmIdSlot[] }): string[] {
  return folio.slots.map(({ mmId, mapcount }) =>
    mmId === 0 && mapcount === -1 ? "-" : `${"?ABC"[mmId]}${mapcount + 1}`,
  );
}

/** A folio of 4 pages unless said otherwise. */
export function folioWith(
  given: Partial<Omit<Folio, "slots" | "pages">> & {
    readonly mapcount?: number;
    readonly slots?: readonly [SlotWords, SlotWords];
    readonly pageMapcounts?: readonly number[];
    readonly exclusive?: readonly boolean[];
  } = {},
): Folio {
  const { mapcount, slots = ["-", "-"], pageMapcounts, exclusive, ...rest } = given;
  const nrPages = given.nrPages ?? 4;
  return {
    nrPages,
    refcount: 1,
    largeMapcount: (mapcount ?? 0) - 1,
    entireMapcount: -1,
    nrPagesMapped: 0,
    mmIdsShared: false,
    anon: false,
    partiallyMapped: false,
    onDeferredList: false,
    slots: slots.map(slotOf),
    pages: Array.from({ length: nrPages }, (_, i) => ({
      mapcount: (pageMapcounts?.[i] ?? 0) - 1,
      anonExclusive: exclusive?.[i] ?? false,
    })),
    ...rest,
  };
}
