/** Converts a state of the model to an expected observation: values of /proc, and contents that processes read. */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { entryAt, isPresent, pageAt } from "../../model/kernel/pgtable.ts";
import { HolderKind, type World, type WorldFolio, type WorldVma } from "../../model/state/world.ts";
import { PageFlag } from "../session/observation.ts";
import type { Contents } from "./contents.ts";

/** A present page. */
export interface ExpectedPage {
  /** Position of the folio. */
  readonly folio: number;
  readonly page: number;
  /** Value of /proc/kpagecount. */
  readonly mapcount: number;
  /** PM_MMAP_EXCLUSIVE in /proc/PID/pagemap. */
  readonly exclusive: boolean;
  /** Flags of /proc/kpageflags, restricted to COMPARED_FLAGS. */
  readonly flags: number;
  /** Content that the process reads; null if the content of the model is wrong, which can occur with a faulty one. */
  readonly content: number | null;
  /** Whether smaps counts the page as private. */
  readonly private: boolean;
  /** Divisor of the page for the PSS in smaps. */
  readonly divisor: number;
}

/** An entry: a page of a folio, or its kind if it maps none. */
export type ExpectedEntry = ExpectedPage | "none" | "swapped" | "zero page";

/** Expected observation of one state. */
export interface Expectation {
  /** By MM, VMA and entry; null for an MM that does not exist. */
  readonly mms: readonly (readonly (readonly ExpectedEntry[])[] | null)[];
  /** By position: value that the holder reads; null without a reference. */
  readonly holders: readonly (number | null)[];
}

/** Page flags that are compared, by name. */
export const COMPARED_FLAGS: { readonly [name: string]: number } = {
  head: PageFlag.compoundHead,
  tail: PageFlag.compoundTail,
  anon: PageFlag.anon,
  "swap cache": PageFlag.swapcache,
  ksm: PageFlag.ksm,
  "zero page": PageFlag.zeroPage,
};

/** Returns the expected observation of a state. */
export function expect(world: World, kernel: Kernel, contents: Contents): Expectation {
  return {
    mms: world.mms.map(({ live, vmas }, m) =>
      live ? vmas.map((vma) => vma.ptes.map((_, i) => expectEntry(world, kernel, contents, m, vma, i))) : null,
    ),
    holders: world.holders.map(({ kind, folio, page }) =>
      kind === HolderKind.none ? null : contents.valueOfPage(folio - 1, page),
    ),
  };
}

function expectEntry(
  world: World,
  kernel: Kernel,
  contents: Contents,
  mm: number,
  vma: WorldVma,
  i: number,
): ExpectedEntry {
  const entry = entryAt(vma, i);
  if (!isPresent(entry)) {
    return at(vma.ptes, i).swap ? "swapped" : "none";
  }
  const folio = at(world.folios, entry.folio - 1);
  const page = pageAt(vma, i);
  return {
    folio: entry.folio - 1,
    page,
    mapcount: kernel.kpagecount(folio, page),
    exclusive: kernel.pagemapMmapExclusive(folio, page),
    flags: flagsOf(folio, page),
    content: vma.anonymous ? contentOf(folio, page, contents, mm, i) : contentOfFile(folio.index + page),
    private: kernel.smapsPrivate(folio, page),
    divisor: kernel.smapsPssDivisor(folio, page),
  };
}

/**
 * Returns the expected content of an anonymous page. The model distinguishes one value: the content of a page is 1 if
 * it has this value, and 0 for any other. If this contradicts the value that the process must read, the model has a
 * wrong content.
 */
function contentOf(folio: WorldFolio, page: number, contents: Contents, mm: number, entry: number): number | null {
  const value = contents.valueOf(mm, entry);
  return at(folio.pages, page).content === contents.modelContent(value) ? value : null;
}

/** Returns the content that the agent writes to a page of the file. */
function contentOfFile(index: number): number {
  return index + 1;
}

function flagsOf(folio: WorldFolio, page: number): number {
  const compound = page === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
  return (
    (folio.nrPages > 1 ? compound : 0) | (folio.anon ? PageFlag.anon : 0) | (folio.swapcache ? PageFlag.swapcache : 0)
  );
}
