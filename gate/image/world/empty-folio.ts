/** Creates the folio objects into which states of an image are decoded. */
import { freshWorldFolio } from "../../../model/state/fresh-folio.ts";
import type { WorldFolio } from "../../../model/state/world.ts";
import { PMD_PAGES } from "./image-bounds.ts";

/** An object that is reused for each decoded state. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Returns a folio that is not allocated.
 *
 * @param pages capacity: pages of the largest folio that is decoded into it
 */
export function emptyFolio(pages: number): Mutable<WorldFolio> {
  return { ...freshWorldFolio(pages), frameNumber: 0, hpagePmdNr: PMD_PAGES };
}
