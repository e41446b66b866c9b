/** What a state of the model looks like from user space: what /proc must tell, and what processes must read. */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { entryAt, isPresent, pageAt } from "../../model/kernel/pgtable.ts";
import { HolderKind, type World, type WorldFolio, type WorldVma } from "../../model/state/world.ts";
import { PageFlag } from "../session/observation.ts";
import type { Contents } from "./contents.ts";

/** A page that is present. */
export interface ExpectedPage {
  /** Position of the folio. */
  readonly folio: number;
  readonly page: number;
  /** /proc/kpagecount. */
  readonly mapcount: number;
  /** PM_MMAP_EXCLUSIVE. */
  readonly exclusive: boolean;
  /** Of /proc/kpageflags, those of COMPARED_FLAGS. */
  readonly flags: number;
  /** What the process reads; null: the model has something else there, which a faulty one may. */
  readonly content: number | null;
  /** Whether smaps counts it as private. */
  readonly private: boolean;
  /** What smaps divides it by for the PSS. */
  readonly divisor: number;
}

/** An entry: a page of a folio, or what it is instead. */
export type ExpectedEntry = ExpectedPage | "none" | "swapped" | "zero page";

/** What must be seen of one state. */
export interface Expectation {
  /** By position, VMA and entry; null: there is no such MM. */
  readonly mms: readonly (readonly (readonly ExpectedEntry[])[] | null)[];
  /** What the holder of each position reads; null: it holds nothing. */
  readonly holders: readonly (number | null)[];
}

/** The page flags that are compared, by what they are called here. */
export const COMPARED_FLAGS: { readonly [name: string]: number } = {
  head: PageFlag.compoundHead,
  tail: PageFlag.compoundTail,
  anon: PageFlag.anon,
  "swap cache": PageFlag.swapcache,
  ksm: PageFlag.ksm,
  "zero page": PageFlag.zeroPage,
};

/** What must be seen of the state. */
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
 * The model follows one value: a page's content is 1 where that is, and 0 where any other is. Where it does not say so of
 * the value that the process must read, it says that the process reads another.
 */
function contentOf(folio: WorldFolio, page: number, contents: Contents, mm: number, entry: number): number | null {
  const value = contents.valueOf(mm, entry);
  return at(folio.pages, page).content === contents.modelContent(value) ? value : null;
}

/** What the agent writes to a page of the file. */
function contentOfFile(index: number): number {
  return index + 1;
}

function flagsOf(folio: WorldFolio, page: number): number {
  const compound = page === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
  return (
    (folio.nrPages > 1 ? compound : 0) | (folio.anon ? PageFlag.anon : 0) | (folio.swapcache ? PageFlag.swapcache : 0)
  );
}
