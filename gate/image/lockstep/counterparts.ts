/**
 * Operations of the image that exist in the model as well: each runs functions of the model on a decoded state. Where
 * operation and model are nondeterministic (size of a new folio, order of an rmap walk), the result of the image
 * decides.
 */
import { at } from "../../../explore/model/schema.ts";
import { anonFault } from "../../../model/environment/fault.ts";
import { exit, fork } from "../../../model/environment/process.ts";
import { type Walk, walkNamed, walks } from "../../../model/environment/walk.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import {
  clearEntry,
  clearPtes,
  copyEntry,
  copyPte,
  entryAt,
  isNone,
  isPresent,
  pageAt,
} from "../../../model/kernel/pgtable.ts";
import type { Folio, Entry as ModelEntry } from "../../../model/state/structs.ts";
import type { WorldFolio, WorldMm, WorldVma } from "../../../model/state/world.ts";
import { Entry, EntryFlag, Frame, MMS, PAGES, VmaFlag } from "../world/world-layout.ts";
import {
  at32,
  type DecodedWorld,
  entryWord,
  expectedByte,
  type FreeFolios,
  headOf,
  isZeroPage,
  NO_PTE,
  PMD_PAGES,
} from "./decoded-world.ts";

/** An operation of the image, with a decoded state before it. */
export interface Transition {
  readonly world: DecodedWorld;
  readonly kernel: Kernel;
  /** State of the image before the operation. */
  readonly before: Int32Array;
  /** VMAs before the operation: see VmaFlag. */
  readonly vmas: Int32Array;
  readonly after: Int32Array;
  /** Parameters of the operation, as passed to the harness. */
  readonly parameters: readonly number[];
  /** Whether the image rejected the operation with an error, or aborted it. */
  readonly refused: boolean;
  readonly hasSoftDirty: boolean;
}

/** The model's implementation of an operation of the image. */
export interface Counterpart {
  readonly name: string;
  readonly free: FreeFolios;
  /**
   * Returns the reason why a transition is not compared, as a main clause; undefined if it is. Called with the decoded
   * state.
   */
  readonly skipReason?: (transition: Transition) => string | undefined;
  /**
   * Orders of rmap walks, which the model leaves open: with one of them the results must be equal. None for an
   * operation without a walk.
   */
  readonly walks?: readonly Walk[];
  /**
   * Runs the model.
   *
   * @returns false if the model cannot execute the operation
   */
  readonly run: (transition: Transition, walk: Walk) => boolean;
}

const NO_FOLIOS: FreeFolios = { small: 0, large: 0 };

/** All orders of MMs in an rmap walk. */
const WALKS: readonly Walk[] = walks(MMS).map(walkNamed);

const ANY_WALK: Walk = Array.from({ length: MMS }, (_, mm) => mm);

/** A single order, for operations whose result does not depend on it. */
export const ONE_WALK: readonly Walk[] = [ANY_WALK];

/** Returns the folio that a present or migration entry refers to. */
function folioOf(world: DecodedWorld, mm: number, page: number): WorldFolio {
  const { folio } = entryAt(world.vmaOf(mm, page), page % PMD_PAGES);
  return at(world.folios, folio - 1);
}

/** Returns the folio under migration: no other remains locked after an operation. */
function migratingFolio({ folios }: DecodedWorld): WorldFolio | undefined {
  return folios.find(({ allocated, locked }) => allocated && locked);
}

/**
 * Calls `visit` for each page table that has pages of a range, with the range [first, end) of these pages in the table.
 */
function eachTable(
  page: number,
  pages: number,
  visit: (firstOfTable: number, first: number, end: number) => void,
): void {
  for (let start = page - (page % PMD_PAGES); start < page + pages; start += PMD_PAGES) {
    visit(start, Math.max(page - start, 0), Math.min(page + pages - start, PMD_PAGES));
  }
}

function zap({ world, kernel }: Transition, number: number, page: number, pages: number): void {
  const mm = at(world.mms, number);
  eachTable(page, pages, (start, first, end) => {
    if (world.hasTable(start)) {
      kernel.zapPmdRange(world, mm, world.vmaOf(number, start), first, end);
    }
  });
}

/** Splits the PMD of each page table that is only partly in a range. */
function splitAtEnds({ world, kernel }: Transition, number: number, page: number, pages: number): void {
  eachTable(page, pages, (start, first, end) => {
    if (end - first < PMD_PAGES) {
      kernel.splitHugePmd(world, at(world.mms, number), world.vmaOf(number, start));
    }
  });
}

/** A write fault. The process writes its byte to the page. */
const write: Counterpart = {
  name: "write",
  free: { small: 1, large: 1 },
  run(transition) {
    const { world, kernel, after, parameters } = transition;
    const [number = 0, page = 0, , order = 0] = parameters;
    const mm = at(world.mms, number);
    const vma = world.vmaOf(number, page);
    const place = page % PMD_PAGES;
    const mapping = entryAt(vma, place);
    if (mapping.migration) {
      return false;
    }
    if (!isPresent(mapping)) {
      const pages = newPages(transition, order);
      // anonFault() uses a single page table: the state is restricted to it.
      const restricted = { ...world, mms: [{ ...mm, vmas: [vma] }] };
      if (!anonFault(restricted, kernel, { mm: 0, first: place - (place % pages), pages })) {
        return false;
      }
    } else if (!mapping.writable && !(vma.pmd.folio !== 0 && kernel.doHugePmdWpPage(world, mm, vma, false))) {
      kernel.doWpPage(world, mm, vma, place, false);
    }
    const folio = at(world.folios, entryAt(vma, place).folio - 1);
    at(folio.pages, pageAt(vma, place)).content = expectedByte(after, number, page);
    return true;
  },
};

/**
 * Returns the number of pages of the folio that a fault on an empty entry allocates: that of the requested order, or 1
 * where the range exceeds the VMA or is not empty. The state of the image after the fault decides; a fault on the zero
 * page always allocates 1.
 */
function newPages({ before, after, parameters }: Transition, order: number): number {
  const [number = 0, page = 0] = parameters;
  const entry = entryWord(number, page);
  const head = headOf(after, entry);
  const isSmall = head >= 0 && at32(after, head * Frame.words + Frame.order) === 0;
  return isSmall || isZeroPage(before, entry) ? 1 : 1 << order;
}

/** A read fault. It maps the zero page to an empty entry, which remains empty in the model. */
const read: Counterpart = { name: "read", free: NO_FOLIOS, run: () => true };

/** Returns the VmaFlag bits of the VMA at a page. */
function vmaFlags({ vmas }: Transition, mm: number, page: number): number {
  return at32(vmas, mm * PAGES + page);
}

const forkOfImage: Counterpart = {
  name: "fork",
  free: NO_FOLIOS,
  run(transition) {
    const { world, kernel, parameters } = transition;
    const [parent = 0] = parameters;
    const child = world.mms.findIndex(({ live }) => !live);
    const mms = world.mms.map((mm, number) => (number === parent ? withoutDontfork(transition, mm, parent) : mm));
    return child >= 0 && fork({ ...world, mms }, kernel, { parent, child });
  },
};

/** Returns the MM without the entries of VMAs with MADV_DONTFORK. Its other entries are shared objects. */
function withoutDontfork(transition: Transition, mm: WorldMm, number: number): WorldMm {
  const isLeftOut = (page: number): boolean => (vmaFlags(transition, number, page) & VmaFlag.dontfork) !== 0;
  const { tables } = transition.world;
  const vmas = mm.vmas.map((vma, t): WorldVma => {
    const first = at(tables, t);
    const ptes = vma.ptes.map((pte, i) => (isLeftOut(first + i) ? NO_PTE : pte));
    // A PMD maps pages of one VMA only.
    return ptes.includes(NO_PTE) ? { ...vma, pmd: isLeftOut(first) ? NO_PTE : vma.pmd, ptes } : vma;
  });
  return { ...mm, vmas };
}

const exitOfImage: Counterpart = {
  name: "exit",
  free: NO_FOLIOS,
  run: ({ world, kernel, parameters: [mm = 0] }) => exit(world, kernel, { mm }),
};

const dontneed: Counterpart = {
  name: "dontneed",
  free: NO_FOLIOS,
  run(transition) {
    const [mm = 0, page = 0, pages = 0] = transition.parameters;
    zap(transition, mm, page, pages);
    return true;
  },
};

/** madvise() with MADV_DONTFORK splits VMAs at the ends of the range, and the PMDs there. */
const dontfork: Counterpart = {
  name: "dontfork",
  free: NO_FOLIOS,
  run(transition) {
    const [mm = 0, page = 0, pages = 0] = transition.parameters;
    splitAtEnds(transition, mm, page, pages);
    return true;
  },
};

const munmap: Counterpart = { ...dontneed, name: "munmap" };

/**
 * Moves the entries of pages in VMAs, after unmapping their destination. A PMD moves as a whole if its destination has
 * no page table, which the state of the image after the operation decides.
 */
const mremap: Counterpart = {
  name: "mremap",
  free: NO_FOLIOS,
  skipReason: ({ refused }) => (refused ? "it is refused, and may have moved a part" : undefined),
  run(transition) {
    const [number = 0, page = 0, pages = 0, to = 0] = transition.parameters;
    const isMapped = (i: number): boolean => vmaFlags(transition, number, page + i) !== 0;
    eachRun(pages, isMapped, (first, end) => zap(transition, number, to + first, end - first));
    splitAtEnds(transition, number, page, pages);
    eachTable(page, pages, (start, first, end) => moveTable(transition, start, start + to - page, first, end));
    return true;
  },
};

/** Calls `visit` for each maximal run [first, end) of positions below `count` for which `has` returns true. */
function eachRun(count: number, has: (position: number) => boolean, visit: (first: number, end: number) => void): void {
  let first = 0;
  for (let i = 0; i <= count; i++) {
    if (i === count || !has(i)) {
      if (first < i) {
        visit(first, i);
      }
      first = i + 1;
    }
  }
}

/**
 * Moves the entries [first, end) of a page table.
 *
 * @param target destination of the table's first page
 */
function moveTable(
  { world, kernel, after, parameters: [number = 0] }: Transition,
  start: number,
  target: number,
  first: number,
  end: number,
): void {
  const source = world.vmaOf(number, start);
  const isWhole = (at32(after, entryWord(number, target + first) + Entry.flags) & EntryFlag.pmd) !== 0;
  if (source.pmd.folio !== 0 && target % PMD_PAGES === 0 && isWhole) {
    copyEntry(world.vmaOf(number, target).pmd, source.pmd);
    clearEntry(source.pmd);
    return;
  }
  kernel.splitHugePmd(world, at(world.mms, number), source);
  for (let i = first; i < end; i++) {
    const from = at(source.ptes, i);
    if (!isNone(from)) {
      copyPte(at(world.vmaOf(number, target + i).ptes, (target + i) % PMD_PAGES), from);
      clearPtes(source.ptes, i, 1);
    }
  }
}

/**
 * Changes the write bit of entries, up to the first hole, in VMAs whose write permission changes. VMAs are split at the
 * ends of the range, and the PMDs there. An entry becomes writable at once if its page is exclusive.
 */
const mprotect: Counterpart = {
  name: "mprotect",
  free: NO_FOLIOS,
  skipReason: ({ hasSoftDirty, parameters: [, , , protection = 0] }) =>
    hasSoftDirty && (protection & PROT_WRITE) !== 0 ? NO_SOFT_DIRTY : undefined,
  run(transition) {
    const { world, kernel, parameters } = transition;
    const [number = 0, page = 0, pages = 0, protection = 0] = parameters;
    const write = (protection & PROT_WRITE) !== 0;
    let count = 0;
    while (count < pages && vmaFlags(transition, number, page + count) !== 0) {
      count += 1;
    }
    const changes = (i: number): boolean => ((vmaFlags(transition, number, page + i) & VmaFlag.write) !== 0) !== write;
    eachRun(count, changes, (from, to) => {
      eachTable(page + from, to - from, (start, first, end) => {
        const vma = world.vmaOf(number, start);
        if (end - first < PMD_PAGES) {
          kernel.splitHugePmd(world, at(world.mms, number), vma);
        }
        if (vma.pmd.folio !== 0) {
          changeWriteBit(world, vma.pmd, 0, write);
          return;
        }
        for (let i = first; i < end; i++) {
          const pte = at(vma.ptes, i);
          changeWriteBit(world, pte, pte.page, write);
        }
      });
    });
    return true;
  },
};

/** @param page index in the folio of the page whose PageAnonExclusive decides */
function changeWriteBit({ folios }: DecodedWorld, entry: ModelEntry, page: number, write: boolean): void {
  if (isPresent(entry)) {
    entry.writable = write && at(at(folios, entry.folio - 1).pages, page).anonExclusive;
  } else if (entry.migration && entry.writable) {
    entry.writable = false;
    entry.exclusive = true;
  }
}

/** Splits a folio into smaller ones. */
const split: Counterpart = {
  name: "split",
  free: { small: PMD_PAGES - 1, large: 1 },
  walks: WALKS,
  run(transition, walk) {
    const { world, kernel, parameters } = transition;
    const [mm = 0, page = 0, order = 0] = parameters;
    const folio = folioOf(world, mm, page);
    folio.refcount += 1;
    kernel.splitFolio(world, folio, walk, 1 << order);
    kernel.freeFolioAndSwapCache(world, folio);
    unmapZeros(transition);
    return true;
  },
};

/**
 * A split maps the zero page in place of a page of zeros. The model has no zero page: here it unmaps the page, if it
 * contains zeros.
 */
function unmapZeros({ world, kernel, before, after }: Transition): void {
  for (let number = 0; number < MMS; number++) {
    const mm = at(world.mms, number);
    for (let t = 0; t < world.tables.length; t++) {
      const vma = at(mm.vmas, t);
      for (let i = 0; i < PMD_PAGES; i++) {
        const entry = entryWord(number, at(world.tables, t) + i);
        const pte = at(vma.ptes, i);
        const isNew = isZeroPage(after, entry) && !isZeroPage(before, entry);
        if (isNew && isPresent(pte) && holdsZero(at(world.folios, pte.folio - 1), pte.page)) {
          kernel.zapPteRange(world, mm, vma, i, i + 1);
        }
      }
    }
  }
}

function holdsZero({ pages, nrPages }: Folio, page: number): boolean {
  return nrPages === 1 && at(pages, page).content === 0;
}

/** The shrinker of the deferred-split queue. */
const shrink: Counterpart = {
  name: "shrink",
  free: { small: 40, large: 0 },
  run(transition) {
    const { world, kernel } = transition;
    kernel.deferredSplitScan(world, ANY_WALK);
    unmapZeros(transition);
    return true;
  },
};

const migrateBegin: Counterpart = {
  name: "migrateBegin",
  free: NO_FOLIOS,
  walks: WALKS,
  run({ world, kernel, parameters: [mm = 0, page = 0] }, walk) {
    kernel.migrateFolioUnmap(world, folioOf(world, mm, page), walk);
    return true;
  },
};

const migrateFinish: Counterpart = {
  name: "migrateFinish",
  free: { small: 1, large: 1 },
  walks: WALKS,
  run({ world, kernel }, walk) {
    const folio = migratingFolio(world);
    if (folio === undefined) {
      return false;
    }
    const target = kernel.folioAlloc(world, folio.nrPages);
    if (!kernel.migrateFolioMove(world, folio, target, walk)) {
      kernel.folioPutRefs(target, 1);
      kernel.migrateFolioUndo(world, folio, walk);
    }
    return true;
  },
};

const migrateUndo: Counterpart = {
  name: "migrateUndo",
  free: NO_FOLIOS,
  walks: WALKS,
  run({ world, kernel }, walk) {
    const folio = migratingFolio(world);
    if (folio === undefined) {
      return false;
    }
    kernel.migrateFolioUndo(world, folio, walk);
    return true;
  },
};

/**
 * Collapses the page tables that a PMD maps afterwards: the image decides which, since limits and obstacles are not part
 * of a state.
 *
 * @returns false if the model refuses one of them
 */
function collapseTables(transition: Transition, number: number, page: number, pages: number): boolean {
  const { world, kernel, after } = transition;
  let isAllowed = true;
  eachTable(page, pages, (start) => {
    const vma = world.vmaOf(number, start);
    const isHuge = (at32(after, entryWord(number, start) + Entry.flags) & EntryFlag.pmd) !== 0;
    if (!isAllowed || !isHuge || vma.pmd.folio !== 0) {
      return;
    }
    isAllowed = kernel.collapseHugePageIsolate(world, vma, PMD_PAGES);
    if (isAllowed) {
      kernel.collapseHugePage(world, at(world.mms, number), vma, kernel.folioAlloc(world, PMD_PAGES));
      vma.pmd.writable = (vmaFlags(transition, number, start) & VmaFlag.write) !== 0;
    }
  });
  return isAllowed;
}

/** MADV_COLLAPSE of up to two page tables. */
const madvCollapse: Counterpart = {
  name: "madvCollapse",
  free: { small: 0, large: 2 },
  run: (transition) => {
    const [mm = 0, page = 0, pages = 0] = transition.parameters;
    return collapseTables(transition, mm, page, pages);
  },
};

const khugepaged: Counterpart = {
  name: "khugepaged",
  free: { small: 0, large: 1 },
  run: (transition) => {
    const [mm = 0, page = 0] = transition.parameters;
    return collapseTables(transition, mm, page, PMD_PAGES);
  },
};

/** Returns the counterpart of an operation that the model lacks. */
function notInModel(name: string, reason: string): Counterpart {
  return { name, free: NO_FOLIOS, skipReason: () => reason, run: () => false };
}

const PROT_WRITE = 2;
const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const NO_SOFT_DIRTY = "the model has no soft-dirty bits";
const NO_LAZYFREE = "the model has no lazyfree folios";

/** Returns the counterpart of an operation of the harness. */
export function counterpartOf(operation: string, [, , third = 0, fourth = 0]: readonly number[]): Counterpart {
  switch (operation) {
    case "fault":
      return third === 0 ? read : write;
    case "madvise":
      return fourth === MADV_DONTNEED ? dontneed : fourth === MADV_FREE ? MADV_FREE_COUNTERPART : dontfork;
    default:
      return COUNTERPARTS[operation] ?? notInModel(operation, "the model has no such operation");
  }
}

const MADV_FREE_COUNTERPART: Counterpart = notInModel("madvFree", NO_LAZYFREE);

const COUNTERPARTS: { readonly [operation: string]: Counterpart } = {
  fork: forkOfImage,
  exit: exitOfImage,
  munmap,
  mremap,
  split,
  shrink,
  migrate_begin: migrateBegin,
  migrate_finish: migrateFinish,
  migrate_undo: migrateUndo,
  mprotect,
  collapse: madvCollapse,
  khugepaged,
  clear_soft_dirty: notInModel("clearSoftDirty", NO_SOFT_DIRTY),
  reclaim: notInModel("reclaim", NO_LAZYFREE),
};
