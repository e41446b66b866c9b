/** Reports of a running image, as data: failed assertions of the kernel, and violations that the harness detects. */
import type { SourcePlace } from "../../../model/kernel/call-node.ts";

/** Code of a report of the harness. */
export type HarnessReport =
  | "bad-page"
  | "changed-by-failed-collapse"
  | "collapsed-though-prevented"
  | "copied-though-alone"
  | "cut-off-page-kept"
  | "cut-off-page-mapped"
  | "deadlock"
  | "entry-beyond-table"
  | "entry-without-page"
  | "fault-failed"
  | "file-released-too-often"
  | "free-entry-used"
  | "free-object-freed"
  | "free-object-referenced"
  | "free-page-freed"
  | "free-page-referenced"
  | "impossible-order"
  | "interrupts-left-off"
  | "kpage-files-unreadable"
  | "livelock"
  | "lock-left-taken"
  | "mutex-not-held"
  | "no-file-at-boot"
  | "no-mm-at-boot"
  | "no-room-for-boot-memory"
  | "no-room-for-cache"
  | "no-room-for-cpu-data"
  | "no-room-for-kmalloc"
  | "no-room-for-slots"
  | "no-room-for-state"
  | "no-room-for-vmas"
  | "no-swap-device-at-boot"
  | "no-vma-at-boot"
  | "not-collapsed"
  | "not-migrated"
  | "not-split"
  | "not-swapped-out"
  | "not-truncated"
  | "not-unmapped-for-migration"
  | "object-leaked"
  | "other-page-taken"
  | "page-leaked"
  | "pagemap-unreadable"
  | "pages-beyond-request"
  | "pages-not-taken"
  | "pages-taken-without-right"
  | "partial-mapping-lost-by-migration"
  | "preemption-left-off"
  | "queue-lost-by-migration"
  | "refcount-misused"
  | "rcu-not-read"
  | "rcu-reader-left"
  | "rwlock-not-held"
  | "semaphore-downgraded-not-held"
  | "semaphore-not-held-for-reading"
  | "semaphore-not-held-for-writing"
  | "sleeps-forever"
  | "spinlock-not-held"
  | "spinlock-taken-twice"
  | "too-many-ranges"
  | "transfer-beyond-swap-device"
  | "unknown-memory-freed"
  | "unpinned-page-clean"
  | "write-fault-without-write"
  | "wrong-result-of-collapse";

/** Code of an event that an operation waits for. */
export type WaitedFor =
  | "completion"
  | "grace-period"
  | "interrupt"
  | "mutex"
  | "retry"
  | "rwlock"
  | "semaphore"
  | "sleep"
  | "spin"
  | "spinlock";

/** A class of locks: a static lock, or a member of all objects of a kind. */
export interface LockClass {
  /** The kind: a slab cache, or `page`; undefined for a static lock. */
  readonly kind?: string;
  /** Name of the member, if the harness has one for it. */
  readonly name?: string;
  /** Offset in the object, or address of a static lock. */
  readonly offset: number;
  /** As in spin_lock_nested(). */
  readonly subclass: number;
}

/** A report. */
export type ImageReport =
  /** A failed WARN or BUG of the tree. */
  | {
      readonly kind: "assertion";
      readonly severity: "WARN" | "BUG";
      readonly function: string;
      readonly place: SourcePlace;
    }
  /** A violation that the harness detected. */
  | { readonly kind: "harness"; readonly report: HarnessReport }
  /** A function that may sleep was called where sleeping is forbidden. */
  | { readonly kind: "atomic-sleep"; readonly function: string; readonly place?: SourcePlace }
  /**
   * A lock is taken in `function` while one of another class is held, and elsewhere, in `opposite`, the other way round.
   * Of one class: two locks of it are held.
   */
  | {
      readonly kind: "lock-order";
      readonly held: LockClass;
      readonly taken: LockClass;
      readonly function: string;
      readonly opposite: string;
    }
  /** Code that reads a state would block. */
  | { readonly kind: "would-wait"; readonly for: WaitedFor }
  /**
   * The operation did not end. `iterations`: too many loop iterations. `nesting`: calls nest too deeply. `trap`: a trap
   * of WebAssembly.
   */
  | { readonly kind: "not-ended"; readonly reason: "iterations" | "nesting" }
  | { readonly kind: "not-ended"; readonly reason: "trap"; readonly message: string }
  /** A write outside the memory of the image. */
  | { readonly kind: "stray-write"; readonly through: "null" | "wild pointer" };

/** A report, as a warning of the machine. */
export interface ImageWarning {
  readonly kind: "image";
  readonly report: ImageReport;
}
