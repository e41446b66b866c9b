/** Folios before they are decoded from the memory of an image. */
import type { WorldFolio } from "../../model/world.ts";
import { PMD_PAGES } from "./image-bounds.ts";

/** A record that is decoded again for each state. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A folio that is not allocated. @param pages of the largest folio that it is to hold */
export function emptyFolio(pages: number): Mutable<WorldFolio> {
  return {
    frameNumber: 0,
    hpagePmdNr: PMD_PAGES,
    allocated: false,
    index: 0,
    inPageCache: false,
    nrPages: 1,
    refcount: 0,
    pincount: 0,
    entireMapcount: -1,
    nrPagesMapped: 0,
    totalMappedPages: 0,
    largeMapcount: -1,
    mmIdsShared: false,
    slots: [
      { mmId: 0, mapcount: -1 },
      { mmId: 0, mapcount: -1 },
    ],
    pages: Array.from({ length: pages }, () => ({ mapcount: -1, anonExclusive: false, content: 0 })),
    anon: false,
    locked: false,
    swapcache: false,
    swap: 0,
    partiallyMapped: false,
    onDeferredList: false,
    hadThreeMms: false,
    hadOverflow: false,
  };
}
