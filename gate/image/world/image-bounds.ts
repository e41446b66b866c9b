/** Bounds of the machine `image`, and the layout of its processes' address space. */

import type { NotChecked } from "../../../invariants/not-checked.ts";
import { type BoundDefinition, type Bounds, range } from "../../../machines/machine.ts";
import { HOLDERS } from "./world-layout.ts";

/** Name of the machine. */
export const IMAGE_MACHINE = "image";

/** First page of the initial VMA of the first process. */
export const FIRST_PAGE = 8;

/** Destination of mremap(): the source pages move here, at the same offset in a page table or 2 pages further. */
export const ELSEWHERE = 40;

/** First page of the shared mapping of the file. */
export const SHARED_FILE = 24;

/** First page of the private mapping of the file. */
export const PRIVATE_FILE = 32;

/** Places of the address space, from the last one on, with the text for their pages. */
const PLACES: readonly (readonly [origin: number, text: string])[] = [
  [ELSEWHERE, "elsewhere "],
  [PRIVATE_FILE, "private "],
  [SHARED_FILE, "shared "],
  [FIRST_PAGE, ""],
];

/**
 * Formats a range of pages as operations name them: from the first page of the initial VMA, `elsewhere`, or from that of
 * a mapping of the file.
 */
export function pagesText(first: number, last: number): string {
  const [origin, where] = PLACES.find(([from]) => first >= from) ?? [FIRST_PAGE, ""];
  return `${where}${first - origin}${first === last ? "" : `–${last - origin}`}`;
}

/** Value of the bound `preemptions` for any number of them. */
export const ANY_PREEMPTIONS = 4;

/** Pages that one PMD maps. */
export const PMD_PAGES = 8;

const SWITCHES: readonly BoundDefinition[] = [
  ["protect", "whether processes change permissions of a VMA: mprotect(2)"],
  ["unmap", "whether processes unmap parts of a VMA: munmap(2)"],
  ["move", "whether processes move pages: mremap(2)"],
  ["spans", "whether parts of pages that were moved across the end of a page table are discarded: MADV_DONTNEED"],
  ["dontfork", "whether processes exclude half of a VMA from fork: MADV_DONTFORK"],
  ["split", "whether the kernel splits folios"],
  ["migrate", "whether the kernel migrates folios, in two halves"],
  ["collapse", "whether pages are replaced by huge pages: MADV_COLLAPSE and khugepaged"],
  ["hint", "whether pte_batch_hint() returns more than 1, as on arm64"],
  ["softdirty", "whether processes clear their soft-dirty bits: /proc/PID/clear_refs"],
  ["free", "whether processes use MADV_FREE, and the kernel reclaims these pages"],
  ["uffd", "whether processes move pages by UFFDIO_MOVE: userfaultfd"],
  ["age", "whether reclaim clears the accessed bits of a page, as for the active list"],
].map(([name, description]) => ({
  name: name as string,
  description: description as string,
  values: [0, 1],
  default: 0,
}));

/** A mapping of the file: shared or private. */
export type FileMapping = "shared" | "private";

/** Returns the mappings of the file that processes have; empty without a file. */
export function fileMappings({ file = 0 }: Bounds): readonly FileMapping[] {
  return [...((file & 1) === 0 ? [] : ["shared" as const]), ...((file & 2) === 0 ? [] : ["private" as const])];
}

/** Whether there is a file. */
export function hasFile({ file = 0 }: Bounds): boolean {
  return file !== 0;
}

/** First page of a mapping of the file. */
export function firstOfFile(mapping: FileMapping): number {
  return mapping === "shared" ? SHARED_FILE : PRIVATE_FILE;
}

/** Whether there is a swap device. */
export function hasSwap({ swap = 0 }: Bounds): boolean {
  return swap !== 0;
}

/** Whether pages are taken by get_user_pages(). */
export function hasGup({ gup = 0 }: Bounds): boolean {
  return gup !== 0;
}

/**
 * Whether the model runs in lockstep: not with a swap device, with whose slots it would have to agree, a file, or
 * get_user_pages().
 */
export function isInLockstep(bounds: Bounds): boolean {
  return bounds["lockstep"] === 1 && !hasSwap(bounds) && !hasFile(bounds) && !hasGup(bounds);
}

/** The bounds of the machine. */
export const IMAGE_BOUNDS: readonly BoundDefinition[] = [
  { name: "mms", description: "processes at a time", values: range(1, 3), default: 2 },
  { name: "pages", description: "pages of the VMA", values: [8, 16], default: 8 },
  { name: "steps", description: "most operations of an execution; 0: any number", values: range(0, 12), default: 0 },
  ...SWITCHES,
  {
    name: "swap",
    description:
      "the swap device, and reclaim of pages to it: 0: none; 1: one whose writes end later; 2: a synchronous one, as zram",
    values: range(0, 2),
    default: 0,
  },
  { name: "slots", description: "pages of the swap device", values: [3, 7, 15, 23], default: 15 },
  {
    name: "file",
    description:
      "the mapping of a file of shmem that each process has: 0: none; 1: a shared one; 2: a private one; 3: both",
    values: range(0, 3),
    default: 0,
  },
  {
    name: "cutswap",
    description:
      "whether the file is truncated within a folio, too, that was written to the swap device as a whole: on released kernels " +
      "that does not end",
    values: [0, 1],
    default: 0,
  },
  {
    name: "gup",
    description: "holders at a time of pages that get_user_pages() or pin_user_pages() took",
    values: range(0, HOLDERS),
    default: 0,
  },
  {
    name: "gupends",
    description: "whether get_user_pages() is called for no pages, too, and at both ends of the address space",
    values: [0, 1],
    default: 0,
  },
  {
    name: "race",
    description:
      "where a second CPU may run: 0: nowhere; 1: at locks, allocations and cond_resched(); 2: at borders of RCU readers and page table entries, too; " +
      "3: at atomics, too; 4: at marked accesses, too",
    values: range(0, 4),
    default: 0,
  },
  {
    name: "preemptions",
    description:
      `most preemptions of a race whose operations wait for each other; ${ANY_PREEMPTIONS}: any number; 0: one, and an operation that would ` +
      "wait does not run",
    values: range(0, ANY_PREEMPTIONS),
    default: 0,
  },
  {
    name: "cpus",
    description: "operations that race; more than two require the bound preemptions",
    values: [2, 3],
    default: 2,
  },
  {
    name: "afterrace",
    description: "whether executions continue after a race",
    values: [0, 1],
    default: 0,
  },
  { name: "lockstep", description: "whether the model runs in lockstep", values: [0, 1], default: 1 },
];

/** Returns the executions that the bounds exclude; empty without a limit. */
export function longerExecutions({ steps = 0 }: Bounds): readonly NotChecked[] {
  return steps === 0 ? [] : [{ subject: `executions of more than ${steps} operations`, topic: "length" }];
}
