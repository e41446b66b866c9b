/**
 * Kernel functions as threads: the same functions on shared memory. Lock calls are awaits, atomics are single accesses,
 * barriers are fences, and only the result of a function remains relevant after it returns.
 */
import { at } from "../../explore/model/schema.ts";
import type { Access, Memory, Order } from "../../races/access.ts";
import type { Cells } from "../../races/cells.ts";
import { lockAccess, unlockAccess } from "../../races/lock-access.ts";
import { roleName } from "../../races/role-names.ts";
import { PATH, type Shared, type ThreadPort } from "../../races/shared-object.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { clearPtes, isPresent } from "../kernel/pgtable.ts";
import type { ThreadContext } from "../kernel/thread-context.ts";
import { Warning } from "../kernel/warnings.ts";
import { type Folio, type KernelState, MappedPages, type NodeStats, type Page } from "../state/structs.ts";
import { describeRaceField, type RaceMm, SEQUENCES } from "./race-world.ts";

const SWAP_CLUSTER_LOCK = "swapClusterLock";

/**
 * Functions without a frame: they only forward their arguments, access no shared memory, or are inline in their caller.
 */
const WITHOUT_FRAME: ReadonlySet<string> = new Set([
  "vmWarnOn",
  "assertDecision",
  "folioLockLargeMapcount",
  "folioUnlockLargeMapcount",
  "copyPmdRange",
  "copyPresentPtes",
  "zapPmdRange",
]);

type Run = (this: Kernel, ...parameters: unknown[]) => unknown;

/** Returns the kernel with its functions as threads. */
export function threadKernel(kernel: Kernel, context: ThreadContext): ThreadKernel {
  const { port } = context;
  const deferred = new DeferredPuts();
  const { forThreads, ...modelled } = kernel;
  // C code reports the functions that it enters and leaves itself.
  const compiled = forThreads?.call(kernel, context) ?? {};
  const framed = Object.entries({ ...modelled, ...compiled }).map(([name, value]) => {
    if (typeof value !== "function" || WITHOUT_FRAME.has(name) || name in compiled) {
      return [name, value];
    }
    const run = value as Run;
    const thread: Run = function (...parameters) {
      port.enter(name);
      const result = run.apply(this, parameters);
      const mapped = parameters.find((each) => each instanceof MappedPages);
      port.leave(`${digest(result)}${deferred.digest()}${mapped === undefined ? "" : ` maps ${mapped.nr}`}`);
      return result;
    };
    return [name, thread];
  });
  const threads = Object.fromEntries(framed) as ThreadKernel;
  const { folioPutRefs, folioModStat, freePagesPrepare } = threads;
  const onShared: Partial<ThreadKernel> = {
    folioPutRefs(folio, refs) {
      return isPrivate(folio) || deferred.add(refs) ? false : folioPutRefs.call(this, folio, refs);
    },
    freePagesPrepare(folio) {
      threads.claimFolio(folio);
      freePagesPrepare.call(this, withoutAllocated(folio));
      threads.releaseFolio(folio);
    },
    folioModStat(stats, folio, nr, nrPmdmapped) {
      if (!isPrivate(folio)) {
        folioModStat.call(this, stats, folio, nr, nrPmdmapped);
      }
    },
  };
  return Object.assign(
    threads,
    accesses(context),
    onShared,
    gathering(deferred),
    swapping(threads, deferred),
    copies(context),
  );
}

/**
 * Defers the removal from the swap cache to the end of an mmu_gather, after the page table lock; reclaim drops its own
 * reference immediately.
 */
function swapping({ freeSwapCache, tryToReclaimSwap }: ThreadKernel, deferred: DeferredPuts): Partial<ThreadKernel> {
  return {
    freeSwapCache(state, folio) {
      if (!deferred.isGathering) {
        freeSwapCache.call(this as Kernel, state, folio);
      }
    },
    tryToReclaimSwap(state, slot, anyway) {
      const gathered = deferred.pause();
      const pages = tryToReclaimSwap.call(this as Kernel, state, slot, anyway);
      deferred.resume(gathered);
      return pages;
    },
  };
}

/**
 * Folio of a copied page: not reachable by other CPUs, and not part of the state; the entry that maps it is none in the
 * model.
 */
const COPY = { nrPages: 1, frameNumber: 0 } as Folio;

function isPrivate(folio: Folio): boolean {
  return folio === COPY;
}

/**
 * Returns the folio with `allocated` fixed to true: other CPUs must not take the folio for free before it is released.
 */
function withoutAllocated(folio: Folio): Folio {
  return Object.create(folio, { allocated: { get: () => true, set: () => {} } }) as Folio;
}

/** Returns the functions that copy pages. */
function copies(context: ThreadContext): Partial<ThreadKernel> {
  const locks = new PageTableLocks(context);
  const hasSwap = context.cells.has(SWAP_CLUSTER_LOCK);
  return {
    folioAlloc: () => COPY,
    copyPresentPage(_state, _dstMm, _dstVma, _srcVma, _entry, prealloc) {
      const isAllocated = prealloc.folio !== undefined;
      prealloc.folio = undefined;
      return isAllocated;
    },
    // The page is allocated and copied without the page table lock, and the entry may have changed meanwhile.
    wpPageCopy(state, mm, vma, entry, _unshare) {
      const pte = at(vma.ptes, entry);
      const folio = at(state.folios, pte.folio - 1);
      const { page } = pte;
      const role = roleOf(mm);
      this.folioRefAdd?.call(this as Kernel, folio, 1);
      locks.unlock(role);
      locks.lock(role);
      const isSame = vma.pmd.folio === 0 && isPresent(pte) && pte.page === page && !pte.writable;
      if (isSame) {
        clearPtes(vma.ptes, entry, 1);
        this.folioRemoveRmapPtes?.call(this as Kernel, state.stats, folio, page, 1, mm);
      }
      locks.unlock(role);
      if (isSame && hasSwap) {
        this.folioPutRefs?.call(this as Kernel, folio, 1);
        this.freeSwapCache?.call(this as Kernel, state, folio);
        this.folioPutRefs?.call(this as Kernel, folio, 1);
      } else {
        this.folioPutRefs?.call(this as Kernel, folio, isSame ? 2 : 1);
      }
      locks.lock(role);
    },
  };
}

/** Returns the role of an MM in the operation. */
function roleOf(mm: object): number {
  return Number(/^mms\[(\d+)\]$/.exec((mm as Shared)[PATH])?.[1]);
}

/** Returns a digest of a result: equal for results that a caller cannot distinguish. */
function digest(result: unknown): string {
  if (typeof result === "object" && result !== null) {
    return PATH in result ? (result as Shared)[PATH] : "private";
  }
  return String(result);
}

/** References of an mmu_gather, which are dropped after the page table lock is released. */
class DeferredPuts {
  private refs: number | undefined;

  begin(): void {
    this.refs = 0;
  }

  get isGathering(): boolean {
    return this.refs !== undefined;
  }

  /** Stops gathering: references are dropped immediately. @returns the state for resume() */
  pause(): number | undefined {
    const { refs } = this;
    this.refs = undefined;
    return refs;
  }

  resume(refs: number | undefined): void {
    this.refs = refs;
  }

  /** @returns whether references are being gathered */
  add(refs: number): boolean {
    if (this.refs === undefined) {
      return false;
    }
    this.refs += refs;
    return true;
  }

  end(): number {
    const refs = this.refs ?? 0;
    this.refs = undefined;
    return refs;
  }

  digest(): string {
    return this.refs === undefined ? "" : ` gathers ${this.refs}`;
  }
}

/** Kernel for threads: zaps gather the references to drop. */
export interface ThreadKernel extends Kernel {
  /** Resets the state before a thread runs: the previous run may have been stopped anywhere. */
  reset(): void;
  /** Starts to gather references to the folio instead of dropping them. @source mm/mmu_gather.c, tlb_gather_mmu() */
  tlbGatherMmu(): void;
  /**
   * Starts exclusive ownership of the folio by this thread: it is new, or nothing refers to it any more. Other CPUs
   * cannot enter critical sections of its locks meanwhile; a lock that another CPU holds now is held on a free folio.
   */
  claimFolio(folio: Folio): void;
  /** Ends the ownership: other CPUs may reach the folio. */
  publishFolio(folio: Folio): void;
  /** Ends the ownership: the folio is free, and other CPUs may allocate it. */
  releaseFolio(folio: Folio): void;
  /** `write_protect_seq` is odd while fork() copies page tables. @source mm/memory.c, copy_page_range() */
  rawWriteSeqcountBegin(mm: RaceMm): void;
  rawWriteSeqcountEnd(mm: RaceMm): void;
  /** @source mm/gup.c, gup_fast() */
  rawReadSeqcount(mm: RaceMm): number;
  /** MMF_HAS_PINNED. @source mm/gup.c, mm_set_has_pinned_flag() */
  mmSetHasPinnedFlag(mm: RaceMm): void;
  /**
   * Removes the folio from the swap cache if possible, and drops the gathered references. The kernel tries the removal
   * for each batch of entries, which is equivalent.
   *
   * @source mm/mmu_gather.c, tlb_finish_mmu(); mm/swap_state.c, free_pages_and_swap_cache()
   */
  tlbFinishMmu(state: KernelState, folio: Folio): void;
}

function gathering(deferred: DeferredPuts): Partial<ThreadKernel> {
  return {
    reset: () => deferred.end(),
    tlbGatherMmu: () => deferred.begin(),
    tlbFinishMmu(state, folio) {
      const refs = deferred.end();
      if (refs > 0) {
        this.freeSwapCache?.call(this as Kernel, state, folio);
        this.folioPutRefs?.call(this as Kernel, folio, refs);
      }
    },
  };
}

/** Returns the functions that are single accesses. */
function accesses({ port, cells }: ThreadContext): Partial<ThreadKernel> {
  const made = new Map<string, Access>();
  const cached = (key: string, make: () => Access): Access => {
    let access = made.get(key);
    if (access === undefined) {
      access = make();
      made.set(key, access);
    }
    return access;
  };
  const pathOf = (object: object): string => (object as Shared)[PATH];

  /**
   * Performs an atomic read-modify-write of a field.
   *
   * @param result computes the caller's result from the old and the new value
   */
  const rmw = (
    object: object,
    field: string,
    name: string,
    order: Order,
    update: (old: number) => number,
    result: (old: number, now: number) => number,
    isVoidAdd: boolean = false,
  ): number => {
    if (object === COPY) {
      return 0;
    }
    const path = `${pathOf(object)}.${field}`;
    if (!cells.has(path)) {
      throw new RangeError(`${path} is updated, and has one value only within these bounds`);
    }
    const access = cached(`${name} ${path}`, () => {
      const cell = cells.cell(path);
      const { object: word, name: fieldName } = describeRaceField(path);
      return {
        kind: "rmw",
        cells: [cell],
        object: word,
        marked: true,
        order,
        isVoidAdd,
        text: `${name} on ${fieldName}`,
        perform: (memory: Memory) => {
          const old = memory.read(cell);
          const now = update(old);
          if (now !== old) {
            memory.write(cell, now);
          }
          return result(old, now);
        },
      };
    });
    return port.access(access);
  };
  const nothing = (): number => 0;
  // The count never returns to a value with which a walk can have begun.
  const nextSequence = (old: number): number => (old + 1 < SEQUENCES ? old + 1 : SEQUENCES - 2);
  const newValue = (_old: number, now: number): number => now;
  const add = (object: object, field: string, nr: number): void => {
    rmw(object, field, `add ${nr}`, "relaxed", (old) => old + nr, nothing, true);
  };
  const addReturn = (object: object, field: string, nr: number, order: Order = "full"): number =>
    rmw(object, field, `add ${nr}, return`, order, (old) => old + nr, newValue);

  const lockAt = (path: string, name: string, order: Order = "acquire"): void => {
    port.access(cached(`lock ${path}`, () => ({ ...lockAccess(cells.cell(path), path, name), order })));
  };
  const unlockAt = (path: string, name: string, order: Order = "release"): void => {
    const texts = { object: path, text: `unlock ${name}`, order };
    port.access(cached(`unlock ${path}`, () => unlockAccess([cells.cell(path)], texts)));
  };
  const lock = (object: object, field: string, name: string, order?: Order): void =>
    lockAt(`${pathOf(object)}.${field}`, name, order);
  const unlock = (object: object, field: string, name: string, order?: Order): void =>
    unlockAt(`${pathOf(object)}.${field}`, name, order);
  const fence = (name: string, order: Order): void => {
    port.access(
      cached(name, () => ({
        kind: "fence",
        cells: [],
        object: name,
        marked: true,
        order,
        text: name,
        perform: nothing,
      })),
    );
  };

  // Not the queue lock: the shrinker may hold it, and cannot take a reference to the folio.
  const ownedCells = (folio: object): number[] => [cells.cell(`${pathOf(folio)}.largeMapcountLock`)];

  /** @param cleared cells that become 0 besides the locks of the folio */
  const endOwnership = (folio: Folio, text: string, cleared: readonly number[]): void => {
    const texts = { object: "folio", text, order: "release" } as const;
    port.access(cached(text, () => unlockAccess([...ownedCells(folio), ...cleared], texts)));
  };

  return {
    folioRefAdd: (folio: Folio, nr: number) => add(folio, "refcount", nr),
    folioRefSub: (folio: Folio, nr: number) => add(folio, "refcount", -nr),
    folioRefSubAndTest: (folio: Folio, nr: number) =>
      rmw(
        folio,
        "refcount",
        `sub ${nr}, test`,
        "full",
        (old) => old - nr,
        (_old, now) => (now === 0 ? 1 : 0),
      ) === 1,
    folioTryGet: (folio: Folio) =>
      rmw(
        folio,
        "refcount",
        "add 1 unless 0",
        "full",
        (old) => (old === 0 ? 0 : old + 1),
        (old) => (old === 0 ? 0 : 1),
      ) === 1,
    entireMapcountAddReturn: (folio: Folio, nr: number) => addReturn(folio, "entireMapcount", nr),
    entireMapcountAdd: (folio: Folio, nr: number) => add(folio, "entireMapcount", nr),
    nrPagesMappedAddReturn: (folio: Folio, nr: number) => addReturn(folio, "nrPagesMapped", nr, "relaxed"),
    pageMapcountAddReturn: (page: Page, nr: number) => addReturn(page, "mapcount", nr),
    pageMapcountAdd: (page: Page, nr: number) => add(page, "mapcount", nr),
    pincountAdd: (folio: Folio, nr: number) => add(folio, "pincount", nr),
    nodeStatAdd: (stats: NodeStats, item: keyof NodeStats, nr: number) => {
      // Statistics that are not part of the state are ignored.
      if (nr !== 0 && cells.has(`${pathOf(stats)}.${item}`)) {
        const [least, most] = cells.rangeOf(`${pathOf(stats)}.${item}`);
        rmw(stats, item, `add ${nr}`, "relaxed", (old) => Math.min(Math.max(old + nr, least), most), nothing, true);
      }
    },
    bitSpinLock: (folio: object, order: Order) => lock(folio, "largeMapcountLock", "large mapcount", order),
    bitSpinUnlock: (folio: object, order: Order) => unlock(folio, "largeMapcountLock", "large mapcount", order),
    splitQueueLock: (folio: object) => lock(folio, "splitQueueLock", "split queue"),
    splitQueueUnlock: (folio: object) => unlock(folio, "splitQueueLock", "split queue"),
    swapClusterLock: () => lockAt(SWAP_CLUSTER_LOCK, "swap cluster"),
    swapClusterUnlock: () => unlockAt(SWAP_CLUSTER_LOCK, "swap cluster"),
    folioLock: (folio: Folio) => {
      const path = `${pathOf(folio)}.locked`;
      const { object } = describeRaceField(path);
      const cell = cells.cell(path);
      port.access(cached(`await ${path}`, () => ({ ...lockAccess(cell, object, "PG_locked"), kind: "rmw" })));
    },
    folioTrylock: (folio: Folio) =>
      rmw(
        folio,
        "locked",
        "test and set",
        "acquire",
        () => 1,
        (old) => 1 - old,
      ) === 1,
    folioUnlock: (folio: Folio) => {
      rmw(folio, "locked", "clear", "release", () => 0, nothing);
    },
    claimFolio(folio: Folio) {
      const locked = port.access(
        cached("claim", () => {
          const owned = ownedCells(folio);
          return {
            kind: "lock",
            cells: owned,
            object: "folio",
            marked: true,
            // The locks of the page allocator order the allocation after the free.
            order: "acquire",
            text: "owns the folio",
            perform: (memory: Memory) => {
              const locked = owned.some((cell) => memory.read(cell) !== 0) ? 1 : 0;
              for (const cell of owned) {
                memory.write(cell, 1);
              }
              return locked;
            },
          };
        }),
      );
      this.vmWarnOn?.call(this as Kernel, locked !== 0, Warning.usedAfterFree);
    },
    publishFolio: (folio: Folio) => {
      // In __folio_mark_uptodate(): orders the content of the folio before the entry that maps it.
      fence("smp_wmb()", "release");
      endOwnership(folio, "others may reach the folio", []);
    },
    releaseFolio: (folio: Folio) => endOwnership(folio, "frees the folio", [cells.cell(`${pathOf(folio)}.allocated`)]),
    smpMb: () => fence("smp_mb()", "full"),
    smpMbAfterAtomic: () => fence("smp_mb__after_atomic()", "full"),
    smpRmb: () => fence("smp_rmb()", "acquire"),
    rawWriteSeqcountBegin: (mm: object) => {
      rmw(mm, "writeProtectSeq", "write_seqcount_begin()", "full", nextSequence, nothing);
    },
    rawWriteSeqcountEnd: (mm: object) => {
      rmw(mm, "writeProtectSeq", "write_seqcount_end()", "release", nextSequence, nothing);
    },
    rawReadSeqcount: (mm: object) => port.access(cached(`read ${pathOf(mm)}`, () => sequenceRead(cells, pathOf(mm)))),
    mmSetHasPinnedFlag: (mm: { hasPinned: boolean }) => {
      if (!mm.hasPinned) {
        mm.hasPinned = true;
      }
    },
  } as Partial<ThreadKernel>;
}

/** Returns the load of the sequence count of an MM, which resets the count if no other walk uses it. */
function sequenceRead(cells: Cells, mm: string): Access {
  const path = `${mm}.writeProtectSeq`;
  const sequence = cells.cell(path);
  const { object, name } = describeRaceField(path);
  const readers = cells.cell(`${mm}.sequenceReaders`);
  return {
    kind: "rmw",
    cells: [sequence, readers],
    object,
    marked: true,
    order: "acquire",
    text: `load ${name}`,
    perform: (memory: Memory) => {
      const others = memory.read(readers);
      const value = others === 0 ? memory.read(sequence) % 2 : memory.read(sequence);
      memory.write(readers, others + 1);
      memory.write(sequence, value);
      // The last values represent all later ones: a walk that begins with one of them gets an odd value, as during a
      // fork.
      return value < SEQUENCES - 2 ? value : 1;
    },
  };
}

/** Takes and releases page table locks. @source include/linux/mm.h, pte_offset_map_lock() */
export class PageTableLocks {
  private readonly port: ThreadPort;
  private readonly cells: Cells;
  /** Accesses of the locks, by role. */
  private readonly accesses: { readonly lock: Access; readonly unlock: Access }[] = [];

  constructor({ port, cells }: Pick<ThreadContext, "port" | "cells">) {
    this.port = port;
    this.cells = cells;
  }

  /** @param role the MM, by its role in the operation */
  lock(role: number): void {
    this.port.access(this.accessesOf(role).lock);
  }

  unlock(role: number): void {
    this.port.access(this.accessesOf(role).unlock);
  }

  private accessesOf(role: number): { readonly lock: Access; readonly unlock: Access } {
    let lockAccesses = this.accesses[role];
    if (lockAccesses === undefined) {
      const cell = this.cells.cell(`mms[${role}].pageTableLock`);
      const object = `page table lock of ${roleName(role)}`;
      const name = `page table of ${roleName(role)}`;
      lockAccesses = {
        lock: lockAccess(cell, object, name),
        unlock: unlockAccess([cell], { object, text: `unlock ${name}`, order: "release" }),
      };
      this.accesses[role] = lockAccesses;
    }
    return lockAccesses;
  }
}
