/** Claims about /proc: the values of the tree's own fs/proc, compared with the page tables. */
import { always, type Property, type PropertyText, sometimes } from "../../../explore/model/model.ts";
import {
  average,
  kpagecountIsAverage,
  kpagecountIsPrecise,
  mappingsOfPage,
  mmapExclusiveIsExclusive,
  pagemapLooksAtHead,
  privateIsExact,
  privateIsPrivate,
} from "../../../invariants/readers.ts";
import { typeIsNotReported, typeIsReported } from "../../../invariants/struct-pages.ts";
import type { Bounds } from "../../../machines/machine.ts";
import type { PageTableTruth } from "../../../model/environment/view.ts";
import type { KernelConfig } from "../../../model/kernel/config.ts";
import { hasGup, hasSwap } from "../world/image-bounds.ts";
import type { ImageEntry, ImageMm } from "../world/image-entry.ts";
import type { ImageView } from "../world/image-view.ts";
import { Kpageflag, Pagemap, PSS_UNIT, type SmapsField } from "../world/proc-layout.ts";
import type { ProcReading, SmapsPart, SmapsRun } from "../world/proc-reading.ts";
import { FRAMES } from "../world/world-layout.ts";

const PAGE_BYTES = 4096;

/** Pages that one PMD maps. */
const PMD_PAGES = 8;

/** Returns a property of every state in which /proc can be read. */
function ofReading(
  { id, claim, source }: PropertyText,
  holds: (proc: ProcReading, view: ImageView) => boolean,
): Property<ImageView> {
  return always<ImageView>({
    id,
    claim,
    source,
    holds: (state) => {
      const view = state as ImageView;
      const { proc } = view;
      return proc === undefined ? undefined : holds(proc, view);
    },
  });
}

/** Returns a property that some state must have in which /proc can be read. */
function someReading(
  { id, claim, source }: PropertyText,
  reached: (proc: ProcReading, view: ImageView) => boolean,
): Property<ImageView> {
  return sometimes<ImageView>({
    id,
    claim,
    source,
    reached: (state) => {
      const view = state as ImageView;
      const { proc } = view;
      return proc !== undefined && reached(proc, view);
    },
  });
}

/** Returns the number of entries that map the page of an entry. */
function mappingsOfEntry({ truth, index }: ImageEntry): number {
  return truth === undefined ? 0 : mappingsOfPage(truth, index);
}

/** Whether no other process maps the page of an entry. A process maps a page of a file twice through two mappings. */
function isPrivate(entry: ImageEntry, entries: readonly ImageEntry[]): boolean {
  return (
    mappingsOfEntry(entry) === 1 ||
    entries.every(
      ({ mm, present, truth, index }) => mm === entry.mm || !present || truth !== entry.truth || index !== entry.index,
    )
  );
}

function isExclusive({ mm, page }: ImageEntry, proc: ProcReading): boolean {
  return (proc.pagemapFlags(mm, page) & Pagemap.exclusive) !== 0;
}

function isPresent({ entries }: SmapsRun): boolean {
  return entries[0]?.present ?? false;
}

/** Returns the number of pages of a run that exactly one entry maps. */
function pagesMappedOnce({ entries }: SmapsRun): number {
  let count = 0;
  for (const entry of entries) {
    count += mappingsOfEntry(entry) === 1 ? 1 : 0;
  }
  return count;
}

/** Id of the property that /proc can be read without a fault. */
export const READS = "PROC.reads";

const readsEnd: Property<ImageView> = always({
  id: READS,
  claim: "Reading /proc terminates without blocking, holds no lock afterwards, and fails no assertion of the kernel",
  source: "fs/proc/task_mmu.c, fs/proc/page.c",
  holds: ({ proc }) => proc !== undefined,
});

const pagemapIsRight: Property<ImageView> = ofReading(
  {
    id: "PROC.pagemap",
    claim:
      "pagemap shows of each page whether it is present and in which frame, a migration entry as a swapped page, and which " +
      "pages are of a file",
    source: "Documentation/admin-guide/mm/pagemap.rst; fs/proc/task_mmu.c",
  },
  (proc, { entries }) =>
    entries.every(({ mm, page, present, migration, swap, frame, anon, truth }) => {
      const flags = proc.pagemapFlags(mm, page);
      return (
        ((flags & Pagemap.present) !== 0) === present &&
        ((flags & Pagemap.swap) !== 0) === (migration || swap) &&
        ((flags & Pagemap.file) !== 0) === (truth !== undefined && !anon) &&
        (!present || proc.pagemapFrame(mm, page) === frame)
      );
    }),
);

const writesAreSoftDirty: Property<ImageView> = ofReading(
  {
    id: "PROC.soft-dirty",
    claim:
      "pagemap shows a page as soft-dirty that a process wrote to since soft-dirty bits were cleared last, or that it may " +
      "write to without a fault",
    source: "Documentation/admin-guide/mm/soft-dirty.rst",
  },
  (proc, { entries }) =>
    entries.every(({ mm, page, present, migration, writable, softDirty, mayBeZero }) => {
      const isWritten = (present || migration) && softDirty && !mayBeZero;
      return !(isWritten || (present && writable)) || (proc.pagemapFlags(mm, page) & Pagemap.softDirty) !== 0;
    }),
);

const privateToOneMm: Property<ImageView> = ofReading(privateIsPrivate, (proc, { entries }) =>
  proc.runs.every((run) => {
    const pages = isPresent(run) ? run.entries.filter((entry) => isPrivate(entry, entries)).length : 0;
    return run.of("private") <= pages * PAGE_BYTES;
  }),
);

const exclusiveToOneMm: Property<ImageView> = ofReading(
  {
    ...mmapExclusiveIsExclusive,
    claim:
      "pagemap reports a page as exclusively mapped (PM_MMAP_EXCLUSIVE) only if no other MM maps it, or, with " +
      "CONFIG_PAGE_MAPCOUNT and where a PMD maps it, the head page",
  },
  (proc, { entries, kernel }) =>
    entries.every(
      (entry) =>
        !isExclusive(entry, proc) ||
        isPrivate(entry, entries) ||
        (entry.pmd && kernel.config.pageMapcount && mappingsOfEntry({ ...entry, index: 0 }) === 1),
    ),
);

const exactlyPrivate: Property<ImageView> = ofReading(
  {
    ...privateIsExact,
    claim:
      "With CONFIG_PAGE_MAPCOUNT, smaps counts exactly those pages as private that one entry maps, and pagemap reports " +
      "exactly those of them that a PTE maps as exclusively mapped",
  },
  (proc, { entries }) =>
    proc.runs.every((run) => !isPresent(run) || run.of("private") === pagesMappedOnce(run) * PAGE_BYTES) &&
    entries.every(
      (entry) =>
        !entry.present ||
        entry.pmd ||
        entry.truth === undefined ||
        isExclusive(entry, proc) === (mappingsOfEntry(entry) === 1),
    ),
);

/** Exception to C15. */
const pagemapGoesByHead: Property<ImageView> = someReading(pagemapLooksAtHead, (proc, { entries }) =>
  entries.some((entry) => entry.pmd && entry.present && isExclusive(entry, proc) && mappingsOfEntry(entry) > 1),
);

type CountOfPage = (truth: PageTableTruth, page: number) => number;

function countsMatch(proc: ProcReading, { folios }: ImageView, expected: CountOfPage): boolean {
  return folios.every((truth) => {
    const { frameNumber, nrPages } = truth.folio;
    for (let page = 0; page < nrPages; page++) {
      if (proc.kpagecount(frameNumber + page) !== expected(truth, page)) {
        return false;
      }
    }
    return true;
  });
}

/** Returns the contribution of an entry to Pss: the page size divided by the number of its mappings, rounded down. */
function pssOf({ truth, index }: ImageEntry, expected: CountOfPage): number {
  const divisor = truth === undefined || truth.folio.refcount === 1 ? 1 : Math.max(expected(truth, index), 1);
  return Math.floor((PAGE_BYTES * PSS_UNIT) / divisor);
}

function pssMatches({ runs }: ProcReading, expected: CountOfPage): boolean {
  return runs.every(
    (run) => !isPresent(run) || run.of("pss") === run.entries.reduce((sum, entry) => sum + pssOf(entry, expected), 0),
  );
}

const countsArePrecise: Property<ImageView> = ofReading(
  {
    ...kpagecountIsPrecise,
    claim:
      "With CONFIG_PAGE_MAPCOUNT, kpagecount of a page, and what smaps divides it by for Pss, are the entries that map it",
  },
  (proc, view) => countsMatch(proc, view, mappingsOfPage) && pssMatches(proc, mappingsOfPage),
);

const countsAreAverages: Property<ImageView> = ofReading(
  {
    ...kpagecountIsAverage,
    claim:
      "With CONFIG_NO_PAGE_MAPCOUNT, kpagecount of a page, and what smaps divides it by for Pss, are the rounded average " +
      "of the folio, at least 1 while anything maps it, and 0 when nothing does",
  },
  (proc, view) => countsMatch(proc, view, average) && pssMatches(proc, average),
);

const othersAreNotCounted: Property<ImageView> = ofReading(
  {
    ...typeIsNotReported,
    claim:
      "kpagecount of a free page is 0, and so is that of a page table but for the exception with CONFIG_NO_PAGE_MAPCOUNT",
  },
  (proc, { folios, tables, kernel }) => {
    // Evaluated in each state, hence free of allocations.
    const excepted = BY_FRAME.fill(0);
    for (const { folio } of folios) {
      excepted.fill(1, folio.frameNumber, folio.frameNumber + folio.nrPages);
    }
    if (!kernel.config.pageMapcount) {
      for (const table of tables) {
        excepted[table] = 1;
      }
    }
    for (let frame = 0; frame < proc.frames; frame++) {
      if (excepted[frame] === 0 && proc.kpagecount(frame) !== 0) {
        return false;
      }
    }
    return true;
  },
);

/** One value for each frame. Reused by each evaluation of a claim. */
const BY_FRAME = new Int32Array(FRAMES);

/** Exception to C16. */
const tablesAreCounted: Property<ImageView> = someReading(typeIsReported, (proc, { tables }) =>
  tables.some((frame) => proc.kpagecount(frame) !== 0),
);

const FIELDS: readonly SmapsField[] = ["rss", "pss", "private", "shared", "dirty", "anonymous", "anonymousHuge"];

const smapsAddsUp: Property<ImageView> = ofReading(
  {
    id: "PROC.smaps",
    claim:
      "smaps of a VMA is the sum over its pages; Rss is the sum of private and shared bytes; over all VMAs it is the pages that are " +
      "mapped, Anonymous is MM_ANONPAGES, and AnonHugePages are the anonymous pages that PMDs map",
    source: "Documentation/filesystems/proc.rst; fs/proc/task_mmu.c, smap_gather_stats()",
  },
  ({ vmas, runs }, { mms }) => {
    for (let mm = 0; mm < mms.length; mm++) {
      const { anonPages, filePages, shmemPages, hugePages } = mms[mm] as ImageMm;
      const whole = vmas[mm] ?? [];
      const rss = sumOf(whole, "rss");
      if (
        rss !== (anonPages + filePages + shmemPages) * PAGE_BYTES ||
        sumOf(whole, "anonymous") !== anonPages * PAGE_BYTES ||
        sumOf(whole, "private") + sumOf(whole, "shared") !== rss ||
        sumOf(whole, "anonymousHuge") !== hugePages * PMD_PAGES * PAGE_BYTES
      ) {
        return false;
      }
      for (const vma of whole) {
        const runsOfVma = runs.filter((run) => run.mm === mm && run.start >= vma.start && run.end <= vma.end);
        if (FIELDS.some((field) => sumOf(runsOfVma, field) !== vma.of(field))) {
          return false;
        }
      }
    }
    return true;
  },
);

function sumOf(parts: readonly SmapsPart[], field: SmapsField): number {
  let sum = 0;
  for (const part of parts) {
    sum += part.of(field);
  }
  return sum;
}

const writtenIsDirty: Property<ImageView> = ofReading(
  {
    id: "C9.dirty",
    claim: "smaps counts each anonymous page as dirty that the process wrote, and did not release with MADV_FREE",
    source: "Documentation/filesystems/proc.rst; private memory: reclaim may discard a clean page",
  },
  ({ runs }) =>
    runs.every((run) => {
      const written = run.entries.filter(
        ({ anon, expected, mayBeZero }) => anon && expected !== 0 && !mayBeZero,
      ).length;
      const isPmd = run.entries[0]?.pmd ?? false;
      return run.of("dirty") >= (isPmd && written > 0 ? PMD_PAGES : written) * PAGE_BYTES;
    }),
);

const CHECKED_FLAGS: number = Object.values(Kpageflag).reduce((all, flag) => all | flag, 0);

function flagsOf({ folio, mappings }: PageTableTruth, page: number): number {
  return (
    (mappings > 0 ? Kpageflag.mmap : 0) |
    (folio.anon ? Kpageflag.anon : 0) |
    (folio.nrPages === 1 ? 0 : Kpageflag.thp | (page === 0 ? Kpageflag.compoundHead : Kpageflag.compoundTail))
  );
}

const pageflagsAreRight: Property<ImageView> = ofReading(
  {
    id: "PROC.kpageflags",
    claim:
      "kpageflags shows of each frame whether it is mapped, anonymous, head or tail page of a large folio, or a page table",
    source: "Documentation/admin-guide/mm/pagemap.rst; fs/proc/page.c, stable_page_flags()",
  },
  (proc, { folios, tables }) => {
    const flags = BY_FRAME.fill(0);
    for (const truth of folios) {
      for (let page = 0; page < truth.folio.nrPages; page++) {
        flags[truth.folio.frameNumber + page] = flagsOf(truth, page);
      }
    }
    for (const frame of tables) {
      flags[frame] = Kpageflag.pageTable;
    }
    for (let frame = 0; frame < proc.frames; frame++) {
      if ((proc.kpageflags(frame) & CHECKED_FLAGS) !== flags[frame]) {
        return false;
      }
    }
    return true;
  },
);

/** Known exceptions from these claims. */
export const PROC_EXCEPTIONS: readonly Property<ImageView>[] = [pagemapGoesByHead, tablesAreCounted];

/**
 * Returns the claims about /proc for a configuration and the operations within the bounds.
 *
 * C9.dirty is none where a page may be clean although its process wrote to it: it was written to the swap device, or it
 * was copied for a pin (mm/memory.c, wp_page_copy(), FAULT_FLAG_UNSHARE), and reclaim makes it dirty again.
 */
export function procClaims({ pageMapcount }: KernelConfig, bounds: Bounds): readonly Property<ImageView>[] {
  return [
    readsEnd,
    pagemapIsRight,
    writesAreSoftDirty,
    privateToOneMm,
    exclusiveToOneMm,
    ...(pageMapcount ? [exactlyPrivate, countsArePrecise, pagemapGoesByHead] : [countsAreAverages, tablesAreCounted]),
    othersAreNotCounted,
    smapsAddsUp,
    ...(hasSwap(bounds) || hasGup(bounds) ? [] : [writtenIsDirty]),
    pageflagsAreRight,
  ];
}
