/** Reports of a running image, as data: assertions of the kernel that failed, and faults that the harness finds. */
import type { SourcePlace } from "../../../model/kernel/call-node.ts";

/** Code of a report that the harness makes. */
export type HarnessReport =
  | "bad-page"
  | "copied-though-alone"
  | "entry-beyond-table"
  | "entry-without-page"
  | "free-object-freed"
  | "free-object-referenced"
  | "free-page-freed"
  | "free-page-referenced"
  | "impossible-order"
  | "interrupts-left-off"
  | "kpage-files-unreadable"
  | "lock-left-taken"
  | "mutex-not-held"
  | "no-mm-at-boot"
  | "no-room-for-cache"
  | "no-room-for-cpu-data"
  | "no-room-for-kmalloc"
  | "no-room-for-slots"
  | "no-room-for-state"
  | "no-room-for-vmas"
  | "no-vma-at-boot"
  | "not-migrated"
  | "not-split"
  | "not-unmapped-for-migration"
  | "object-leaked"
  | "page-leaked"
  | "pagemap-unreadable"
  | "partial-mapping-lost-by-migration"
  | "preemption-left-off"
  | "queue-lost-by-migration"
  | "refcount-misused"
  | "rwlock-not-held"
  | "semaphore-downgraded-not-held"
  | "semaphore-not-held-for-reading"
  | "semaphore-not-held-for-writing"
  | "spinlock-not-held"
  | "spinlock-taken-twice"
  | "too-many-ranges"
  | "unknown-memory-freed"
  | "write-fault-without-write";

/** Code of an event that code waits for. */
export type WaitedFor = "completion" | "mutex" | "rwlock" | "semaphore" | "sleep" | "spin" | "spinlock";

/** A report. */
export type ImageReport =
  /** WARN and BUG of the tree. */
  | {
      readonly kind: "assertion";
      readonly severity: "WARN" | "BUG";
      readonly function: string;
      readonly place: SourcePlace;
    }
  /** The harness found it. */
  | { readonly kind: "harness"; readonly report: HarnessReport }
  /** Code that reads a state would sleep. */
  | { readonly kind: "would-wait"; readonly for: WaitedFor }
  /** `iterations`: loops take too many. `nesting`: calls nest too deeply. `trap`: WebAssembly stopped the code. */
  | { readonly kind: "not-ended"; readonly reason: "iterations" | "nesting" }
  | { readonly kind: "not-ended"; readonly reason: "trap"; readonly message: string }
  /** A write where the image has no memory. */
  | { readonly kind: "stray-write"; readonly through: "null" | "wild pointer" };

/** A report as a warning of the machine. */
export interface ImageWarning {
  readonly kind: "image";
  readonly report: ImageReport;
}
