/** Bounds of the machines with page tables. */
import type { KernelConfig } from "../../model/kernel/config.ts";
import type { WorldBounds } from "../../model/state/world-schema.ts";
import { type BoundDefinition, type Bounds, pmdConflict, range } from "../machine.ts";

/** Bound without its name. */
export type UnnamedBound = Omit<BoundDefinition, "name">;

export const PAGES: UnnamedBound = {
  description: "pages of the largest folio and entries of each VMA (order 0 to 3)",
  values: [1, 2, 4, 8],
  default: 4,
};
/**
 * Default of machines with many actions, for which 4 pages take minutes: default bounds are explored in less than one
 * minute.
 */
export const FEW_PAGES: UnnamedBound = { ...PAGES, default: 2 };
export const MIN_PAGES: UnnamedBound = {
  description: "pages of the smallest folio that a fault chooses",
  values: [1, 2, 4, 8],
  default: 1,
};
export const MMS: UnnamedBound = { description: "MMs that can live at one time", values: range(1, 5), default: 2 };
export const FOLIOS: UnnamedBound = {
  description: "folios that can be in use at one time",
  values: range(1, 4),
  default: 1,
};
export const SMALL_FOLIOS: UnnamedBound = {
  description: "folios of one page besides, for copies",
  values: range(0, 8),
  default: 2,
};
export const HOLDERS: UnnamedBound = {
  description: "references and pins that can be held at one time",
  values: range(0, 3),
  default: 1,
};
export const PMD: UnnamedBound = { description: "1: a PMD maps `pages` pages", values: [0, 1], default: 0 };
export const WITH_PMD: UnnamedBound = { ...PMD, default: 1 };
export const ONE_ANON: UnnamedBound = { description: "anon VMAs of each MM", values: [1], default: 1 };

/** Returns the reason why bounds that are each within their range are invalid; undefined if they are valid. */
export function worldConflict(bounds: Bounds, config: KernelConfig): string | undefined {
  const { pages = 0, minPages = 0, pmd = 0, anon = 0, file = 0 } = bounds;
  if (minPages > pages) {
    return `minPages ${minPages} is more than pages ${pages}`;
  }
  if (anon + file === 0) {
    return "an MM without any VMA maps nothing: want anon 1, or file 1 or 2";
  }
  const atPmd = pmdConflict(bounds, config);
  if (atPmd !== undefined) {
    return atPmd;
  }
  // While an anon PMD is being split, its MM has one mapping more than the folio has pages.
  const most = pmd > 0 && anon > 0 ? pages : pages - 1;
  return config.mmId && most > config.mmIdMapcountMax
    ? `a folio of ${pages} pages needs mm-id-mapcount-max=${most} or more`
    : undefined;
}

/**
 * Converts the bounds of a machine to bounds of the state schema: a bound that the machine lacks is 0, or the minimum
 * 1.
 */
export function worldBounds(bounds: Bounds): WorldBounds {
  const { pages = 1, minPages = 1, mms = 1, folios = 1, smallFolios = 0, anon = 0, file = 0 } = bounds;
  const { pmd = 0, swapSlots = 0, holders = 0 } = bounds;
  return { pages, minPages, mms, folios, smallFolios, pmd, anon, file, swapSlots, holders };
}
