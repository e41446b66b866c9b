/** Reports of running images as text. */
import type { HarnessReport, ImageReport, LockClass, WaitedFor } from "../../gate/image/module/image-report.ts";
import { iterationsText } from "./call-fault.ts";
import { placeText } from "./place.ts";

/** Texts of the harness's reports; those about a claim begin with its id. */
const HARNESS: { readonly [R in HarnessReport]: string } = {
  "bad-page": "bad page",
  "changed-by-failed-collapse": "a collapse fails, and has changed an entry of the page table",
  "collapsed-though-prevented":
    "pages are collapsed though a limit of khugepaged, a reference, or memory that cannot be read prevents it",
  "copied-though-alone": "C10: a page is copied that the process could reuse",
  "cut-off-page-kept": "a page that was cut off the file is in its page cache, with contents, or on the swap device",
  "cut-off-page-mapped": "a page that was cut off the file is mapped",
  deadlock: "operations wait for locks of each other",
  "entry-beyond-table": "an entry beyond the end of a page table is read or written",
  "entry-without-page": "an entry of a page table refers to no page",
  "fault-failed": "a fault of a process fails, and nothing prevents it",
  "file-released-too-often": "a reference to the file is released that nothing has",
  "free-entry-used": "an entry of a page table that is free is read or written",
  "free-object-freed": "an object that is free is freed",
  "free-object-referenced": "something refers to an object that is free",
  "free-page-freed": "a page that is free is freed",
  "free-page-referenced": "something refers to a page that is free",
  "impossible-order": "a page has an order that no folio has",
  "interrupts-left-off": "interrupts are left off",
  "kpage-files-unreadable": "/proc/kpagecount or /proc/kpageflags cannot be read",
  livelock: "operations make each other try again without end",
  "lock-left-taken": "a lock is left taken",
  "mutex-not-held": "a mutex is released that this CPU does not hold",
  "no-file-at-boot": "no file at boot",
  "no-mm-at-boot": "no MM at boot",
  "no-room-for-boot-memory": "the harness has no room for memory that is allocated at boot",
  "no-room-for-cache": "the harness has no room for a cache",
  "no-room-for-cpu-data": "the harness has no room for the data of a CPU",
  "no-room-for-kmalloc": "kmalloc() of more than the harness has",
  "no-room-for-slots": "the harness has no room for so many slots",
  "no-room-for-state": "the harness has no room for so large a state",
  "no-room-for-vmas": "the harness has no room for so many VMAs",
  "no-swap-device-at-boot": "swapon(2) fails at boot",
  "no-vma-at-boot": "no VMA at boot",
  "not-collapsed": "P4: pages are not collapsed to a huge page, and nothing prevents it",
  "not-migrated": "P2: a folio that is unmapped for migration is not moved, and nothing prevents it",
  "not-split": "P1: a folio is not split, and nothing prevents it",
  "not-swapped-out": "P3: a folio is not written to the swap device and freed, and nothing prevents it",
  "not-truncated": "the file is not cut off, or no hole is punched, and nothing prevents it",
  "not-unmapped-for-migration": "P2: a folio is not unmapped for migration, and nothing prevents it",
  "object-leaked": "an object is leaked: it is in use, and nothing refers to it",
  "other-page-taken": "get_user_pages() takes another page than the process has at the address",
  "page-leaked": "a page is leaked: it is in use, and nothing refers to it",
  "pagemap-unreadable": "/proc/PID/pagemap cannot be read",
  "pages-beyond-request": "get_user_pages() stores more pages than were requested",
  "pages-not-taken": "get_user_pages() takes fewer pages than the process has a right to",
  "pages-taken-without-right": "get_user_pages() takes pages that the process has no right to",
  "partial-mapping-lost-by-migration": "C14: migration forgets that a folio is partially mapped",
  "preemption-left-off": "preemption is left off",
  "queue-lost-by-migration": "C14: migration takes a folio off the deferred-split queue, and puts the new one on none",
  "refcount-misused": "a refcount_t is used after it reached 0, or is saturated",
  "rcu-not-read": "rcu_read_unlock() without rcu_read_lock()",
  "rcu-reader-left": "rcu_read_unlock() is missing",
  "rwlock-not-held": "a reader-writer lock is released that this CPU does not hold",
  "semaphore-downgraded-not-held": "a semaphore is downgraded that is not held for writing",
  "semaphore-not-held-for-reading": "a semaphore is released that is not held for reading",
  "semaphore-not-held-for-writing": "a semaphore is released that is not held for writing",
  "sleeps-forever": "an operation sleeps, and nothing that is under way can wake it",
  "spinlock-not-held": "a spinlock is released that this CPU does not hold",
  "spinlock-taken-twice": "a spinlock is taken twice",
  "too-many-ranges": "too many ranges of static data",
  "transfer-beyond-swap-device": "a transfer begins or ends beyond the swap device",
  "unknown-memory-freed": "memory is freed that no slab cache has",
  "unpinned-page-clean": "C9: unpin_user_pages_dirty_lock() leaves a page clean that a device may have written to",
  "write-fault-without-write": "a write fault ends, and the page cannot be written to",
  "wrong-result-of-collapse": "MADV_COLLAPSE fails though huge pages map the range, or succeeds though they do not",
};

const WAITED_FOR: { readonly [W in WaitedFor]: string } = {
  spinlock: "a spinlock",
  rwlock: "a reader-writer lock",
  semaphore: "a semaphore",
  mutex: "a mutex",
  completion: "a completion",
  "grace-period": "the end of a grace period",
  interrupt: "an interrupt of another CPU",
  sleep: "sleeps",
  retry: "tries again and again",
  spin: "spins",
};

/** Formats a class of locks. */
function lockText({ kind, name, offset, subclass }: LockClass): string {
  const lock =
    kind === undefined
      ? `the static lock at ${offset}`
      : name === undefined
        ? `the lock at byte ${offset} of ${kind}`
        : `${name} of ${kind}`;
  return subclass === 0 ? lock : `${lock} (subclass ${subclass})`;
}

/** Formats a report as a main clause. */
export function imageReportText(report: ImageReport): string {
  switch (report.kind) {
    case "assertion":
      return `${report.severity} in ${report.function}() at ${placeText(report.place)}`;
    case "harness":
      return HARNESS[report.report];
    case "atomic-sleep": {
      const { function: name, place } = report;
      const where = place === undefined ? "" : ` at ${placeText(place)}`;
      return `${name}() calls a function that may sleep${where} in an atomic context`;
    }
    case "lock-order": {
      const [held, taken] = [lockText(report.held), lockText(report.taken)];
      return held === taken
        ? `${report.function}() takes two locks of one class: ${held}`
        : `lock order: ${report.function}() takes ${taken} with ${held} held, and ${report.opposite}() the other way round`;
    }
    case "would-wait":
      return `it would wait: ${WAITED_FOR[report.for]}`;
    case "stray-write":
      return report.through === "null"
        ? "something was written through a NULL pointer"
        : "something was written beyond the memory of the image";
    case "not-ended":
      switch (report.reason) {
        case "iterations":
          return iterationsText();
        case "nesting":
          return "the calls nest too deeply";
        case "trap":
          return `the code traps: ${report.message}`;
      }
  }
}
