/**
 * The kinds of memory that the self-test runs each of its cases on.
 *
 * @source tools/testing/selftests/mm/cow.c, do_run_with_thp()
 */
import type { WorldBounds } from "../../model/state/world-schema.ts";
import type { Fate, Stage } from "./stage.ts";

/** Number of pages that a PMD maps, and of entries of the VMA. */
const PMD_PAGES = 8;
/** Number of pages of a folio smaller than a PMD (mTHP), which is always mapped by PTEs. */
const MTHP_PAGES = 4;

/** Kind of memory. */
export interface MemoryKind {
  readonly name: string;
  /** Number of pages under test. */
  readonly pages: number;
  /** Fate of a page that is not exclusive on a write if the folio has no other mappings or references. */
  readonly alone: Fate;
  /** Fate of such a page if no other MM maps the pages under test any more; folios may have further pages elsewhere. */
  readonly left: Fate;
  /** Fate of such pages if pinned one after the other: a pin of one is a reference to the folio of all. */
  readonly pinned: Fate;
  readonly swaps: boolean;
  /** Gives the first process such memory, starting with entry 0. */
  readonly prepare: (stage: Stage) => void;
}

/** Returns the bounds for any case on such memory: two copies of each page and one spare, or a split. */
export function boundsFor({ pages, swaps }: MemoryKind): WorldBounds {
  return {
    pages: PMD_PAGES,
    minPages: 1,
    mms: 2,
    folios: 2,
    smallFolios: Math.max(2 * pages + 1, swaps ? PMD_PAGES : 0),
    pmd: 1,
    anon: 1,
    file: 0,
    swapSlots: swaps ? PMD_PAGES : 0,
    holders: pages,
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Faults in a folio of `pages` pages and writes to them. */
function populate(stage: Stage, pages: number): void {
  stage.entries = upTo(pages);
  stage.act("anonFault", { mm: 0, first: 0, pages });
  stage.parent.write(stage.trackedWrite.entry, "first");
}

/** Maps a folio by PTEs by temporarily changing the protection of one page. */
export function mapByPtes(stage: Stage): void {
  stage.act("mprotect", { mm: 0, first: 1, count: 1, softDirty: false });
}

/** MADV_PAGEOUT of everything. A partially mapped folio is split first, which frees the other pages. */
function pageOut(stage: Stage, until: "swap cache" | "device"): void {
  stage.world.folios.forEach(({ partiallyMapped }, folio) => {
    if (partiallyMapped) {
      stage.act("split", { folio, walk: "0,1" });
    }
  });
  stage.world.folios.forEach(({ allocated }, folio) => {
    if (allocated) {
      stage.act("addToSwap", { folio });
      stage.act("tryToUnmap", { folio, mm: 0 });
      if (until === "device") {
        stage.act("swapOut", { folio });
      }
    }
  });
}

/** Discards all but the first page. */
function discardAllButOne(stage: Stage, pages: number): void {
  stage.act("unmap", { mm: 0, vma: 0, first: 1, count: pages - 1 });
  stage.entries = [0];
}

function swapped(kind: MemoryKind, until: "swap cache" | "device"): MemoryKind {
  return {
    ...kind,
    name: until === "device" ? `swapped-out ${kind.name}` : `${kind.name} in the swap cache`,
    // From the device into base pages, page by page; from the swap cache mapped by PTEs.
    pinned: until === "device" || kind.pages === 1 ? "kept" : "kept, copied",
    swaps: true,
    prepare: (stage) => {
      kind.prepare(stage);
      pageOut(stage, until);
    },
  };
}

const base: MemoryKind = {
  name: "base page",
  pages: 1,
  alone: "kept",
  left: "kept",
  pinned: "kept",
  swaps: false,
  prepare: (stage) => populate(stage, 1),
};

const pmdMapped: MemoryKind = {
  name: "THP",
  pages: PMD_PAGES,
  alone: "kept",
  left: "kept",
  pinned: "kept",
  swaps: false,
  prepare: (stage) => populate(stage, PMD_PAGES),
};

/** Returns a THP mapped by PTEs: one of PMD size whose PMD was split, or a smaller one. */
function pteMapped(pages: number): MemoryKind {
  return {
    ...pmdMapped,
    name: pages === PMD_PAGES ? "PTE-mapped THP" : "mTHP",
    pages,
    pinned: "kept, copied",
    prepare: (stage) => {
      populate(stage, pages);
      mapByPtes(stage);
    },
  };
}

/**
 * Returns a THP of which one page is mapped: the page is copied even without other mappings, so that the folio is
 * freed.
 */
function singlePte(pages: number): MemoryKind {
  return {
    ...base,
    name: `single PTE of ${pages === PMD_PAGES ? "a THP" : "an mTHP"}`,
    alone: "copied",
    left: "copied",
    pinned: "copied",
    prepare: (stage) => {
      populate(stage, pages);
      discardAllButOne(stage, pages);
    },
  };
}

function singlePteSwapped(pages: number): MemoryKind {
  const kind = singlePte(pages);
  return {
    ...swapped(kind, "device"),
    name: `single PTE of a swapped-out ${pages === PMD_PAGES ? "THP" : "mTHP"}`,
    // The folio was split when it was swapped out.
    alone: "kept",
    left: "kept",
    pinned: "kept",
  };
}

/** THP whose upper half the same process maps elsewhere. */
const partiallyMremapped: MemoryKind = {
  ...pmdMapped,
  name: "partially mremap()'ed mTHP",
  pages: MTHP_PAGES / 2,
  left: "copied",
  pinned: "kept, copied",
  prepare: (stage) => {
    populate(stage, MTHP_PAGES);
    const half = MTHP_PAGES / 2;
    stage.entries = upTo(half);
    for (const entry of stage.entries) {
      stage.act("mremap", { mm: 0, from: half + entry, to: MTHP_PAGES + entry });
    }
  },
};

/** Returns a THP whose first page was shared with a child that exited; the others were never shared. */
function partiallyShared(pages: number): MemoryKind {
  const kind = pteMapped(pages);
  return {
    ...kind,
    name: `partially shared ${pages === PMD_PAGES ? "THP" : "mTHP"}`,
    prepare: (stage) => {
      populate(stage, pages);
      stage.parent.forksOnly(0, 1).quits();
    },
  };
}

/** All kinds, with THPs in both sizes if relevant. */
export const MEMORY_KINDS: readonly MemoryKind[] = [
  base,
  swapped(base, "device"),
  swapped(base, "swap cache"),
  pmdMapped,
  swapped(pmdMapped, "device"),
  swapped(pmdMapped, "swap cache"),
  ...[MTHP_PAGES, PMD_PAGES].flatMap((pages) => [
    pteMapped(pages),
    swapped(pteMapped(pages), "device"),
    swapped(pteMapped(pages), "swap cache"),
    singlePte(pages),
    singlePteSwapped(pages),
    ...(pages === MTHP_PAGES ? [partiallyMremapped] : []),
    partiallyShared(pages),
  ]),
];

/** Kinds of memory that can be collapsed. */
export const COLLAPSIBLE: readonly MemoryKind[] = [pmdMapped];
