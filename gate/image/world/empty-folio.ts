/** Folios before they are decoded from the memory of an image. */
import { freshWorldFolio } from "../../../model/state/fresh-folio.ts";
import type { WorldFolio } from "../../../model/state/world.ts";
import { PMD_PAGES } from "./image-bounds.ts";

/** A record that is decoded again for each state. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A folio that is not allocated. @param pages of the largest folio that it is to hold */
export function emptyFolio(pages: number): Mutable<WorldFolio> {
  return { ...freshWorldFolio(pages), frameNumber: 0, hpagePmdNr: PMD_PAGES };
}
