/**
 * Operations of the CPUs of the race machine: MM operations as threads. Each takes the kernel's locks and calls the
 * same kernel functions as the other machines.
 *
 * `mmap_lock` is taken when an operation starts and released when it ends: an operation that it excludes cannot start
 * meanwhile. The page table lock, the large-mapcount lock, the folio lock and the lock of the deferred split queue are
 * taken and released by the threads.
 */
import type { Parameters } from "../../explore/model/action-call.ts";
import { at } from "../../explore/model/schema.ts";
import type { Access, Memory } from "../../races/access.ts";
import type { Cells } from "../../races/cells.ts";
import type { Operation } from "../../races/operation.ts";
import { roleName } from "../../races/role-names.ts";
import type { ThreadPort } from "../../races/shared-object.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isNone, isPresent, pteRangeNone } from "../kernel/pgtable.ts";
import { Warning } from "../kernel/warnings.ts";
import { fixedRaceField, type RaceBounds, type RaceFolio, type RaceMm, type RaceWorld } from "./race-world.ts";
import { PageTableLocks, type ThreadKernel, threadKernel } from "./thread-kernel.ts";

/** Returns the operations for a kernel. */
export function raceOperations(
  bounds: RaceBounds,
  kernel: Kernel,
): (port: ThreadPort, cells: Cells) => readonly Operation<RaceWorld>[] {
  return (port, cells) => {
    const context = { port, cells, fixed: fixedRaceField(bounds) };
    const locks = new PageTableLocks(context);
    const threads = threadKernel(kernel, context);
    const parts: Parts = { bounds, kernel, threads, locks, context };
    const operations = [
      newMm(parts),
      ...(bounds.mms > 1 ? [fork(parts)] : []),
      exit(parts),
      anonFault(parts),
      zap(parts),
      ...(bounds.mms > 1 ? [writeFault(parts), unshare(parts)] : []),
      ...(bounds.pmd > 0 ? [splitPmd(parts)] : []),
      gupFast(parts),
      gupSlow(parts),
      speculativeReference(parts),
      ...(bounds.pages > 2 ? [shrinkDeferred(parts)] : []),
      ...(bounds.mms <= WALKED_MMS ? [migrate(parts)] : []),
      ...(bounds.swap === 1 ? [swapOut(parts), swapIn(parts), freeSwap(parts)] : []),
      kpagecount(parts),
      pagemap(parts),
      maybeMappedShared(parts),
    ];
    return operations.map(
      (operation): Operation<RaceWorld> => ({
        ...operation,
        run: (world, parameters) => {
          threads.reset();
          return operation.run(world, parameters);
        },
      }),
    );
  };
}

interface Parts {
  readonly bounds: RaceBounds;
  /** Kernel on states, for parts that are not interleaved. */
  readonly kernel: Kernel;
  /** Its functions on shared memory, for threads. */
  readonly threads: ThreadKernel;
  readonly locks: PageTableLocks;
  readonly context: { readonly port: ThreadPort; readonly cells: Cells };
}

/** Largest number of MMs in an rmap walk; each has a role. */
export const WALKED_MMS = 2;

const NO_PARAMETERS: readonly Parameters[] = [{}];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const mmOf = (world: RaceWorld, elements: readonly number[], role: number): RaceMm =>
  at(world.mms, elements[role] as number);
const folioOf = (world: RaceWorld): RaceFolio => at(world.folios, 0);

/** Holds `mmap_lock` for reading, or a VMA lock, for the duration of an operation. */
const readsMm = {
  mayRead: ({ live, mmapWriter }: RaceMm): boolean => live && !mmapWriter,
  begin: (world: RaceWorld, elements: readonly number[]): void => {
    mmOf(world, elements, 0).mmapReaders += 1;
  },
  end: (world: RaceWorld, elements: readonly number[]): number => {
    mmOf(world, elements, 0).mmapReaders -= 1;
    return 0;
  },
};

const mayWrite = ({ mmapReaders, mmapWriter }: RaceMm): boolean => mmapReaders === 0 && !mmapWriter;

/**
 * Starts a process if there is none. With a process alive, another one without mappings would have no effect: there is
 * only one folio.
 */
function newMm({ kernel }: Parts): Operation<RaceWorld> {
  return {
    name: "newMm",
    roles: ["mm"],
    choices: NO_PARAMETERS,
    mayStart: (world) => world.mms.every(({ live, mmapWriter }) => !live && !mmapWriter),
    begin: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      kernel.mmAllocId(mm);
      mm.live = true;
    },
    run: () => 0,
  };
}

/**
 * fork(), with `mmap_lock` of the parent for writing.
 *
 * @source kernel/fork.c, dup_mmap(); mm/memory.c, copy_page_range()
 */
function fork({ kernel, threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "fork",
    roles: ["parent", "child"],
    choices: NO_PARAMETERS,
    mayStart: (world, elements) => {
      const [parent, child] = [mmOf(world, elements, 0), mmOf(world, elements, 1)];
      const isFree = !child.live && mayWrite(child);
      // Walks visit a child after its parent: the order of the anon_vma is not modelled.
      const hasEntries = mapsSomething(parent) || at(parent.vmas, 0).ptes.some(({ swap }) => swap);
      return parent.live && mayWrite(parent) && isFree && world.rmapWalks === 0 && hasEntries;
    },
    begin: (world, elements) => {
      const [parent, child] = [mmOf(world, elements, 0), mmOf(world, elements, 1)];
      parent.mmapWriter = true;
      child.mmapWriter = true;
      world.forks += 1;
      kernel.mmAllocId(child);
    },
    run: (world) => {
      const [parent, child] = [at(world.mms, 0), at(world.mms, 1)];
      threads.rawWriteSeqcountBegin(parent);
      locks.lock(1);
      locks.lock(0);
      threads.copyPmdRange(world, child, parent, at(child.vmas, 0), at(parent.vmas, 0));
      locks.unlock(0);
      locks.unlock(1);
      threads.rawWriteSeqcountEnd(parent);
      return 0;
    },
    end: (world, elements) => {
      const [parent, child] = [mmOf(world, elements, 0), mmOf(world, elements, 1)];
      parent.mmapWriter = false;
      child.mmapWriter = false;
      child.live = true;
      world.forks -= 1;
      resetSequence(parent);
      return 0;
    },
  };
}

/** Exit of the last user of an MM. @source mm/mmap.c, exit_mmap(); kernel/fork.c, __mmdrop() */
function exit({ kernel, threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "exit",
    roles: ["mm"],
    choices: NO_PARAMETERS,
    mayStart: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      // GUP-fast walks the page tables of the current MM, which has a user.
      return mm.live && mayWrite(mm) && mm.gupFasts === 0;
    },
    begin: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      mm.live = false;
      mm.mmapWriter = true;
      kernel.mmput(mm);
    },
    run: (world) => {
      const mm = at(world.mms, 0);
      const vma = at(mm.vmas, 0);
      threads.tlbGatherMmu();
      locks.lock(0);
      threads.zapPmdRange(world, mm, vma, 0, vma.ptes.length);
      locks.unlock(0);
      threads.tlbFinishMmu(world, folioOf(world));
      return 0;
    },
    end: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      kernel.mmdrop(mm);
      mm.mmapWriter = false;
      return 0;
    },
  };
}

/**
 * Fault that maps a new folio.
 *
 * @source mm/memory.c, do_anonymous_page(); mm/huge_memory.c, __do_huge_pmd_anonymous_page()
 */
function anonFault({ bounds: { pages }, kernel, threads, locks }: Parts): Operation<RaceWorld> {
  // Other CPUs can reach the folio only after its mappings are added: earlier steps are not observable.
  const publishing: Kernel = {
    ...threads,
    folioAddNewAnonRmap: (stats, folio, mm, exclusive) => {
      threads.folioAddNewAnonRmap(stats, folio, mm, exclusive);
      threads.publishFolio(folio);
    },
  };
  return {
    name: "anonFault",
    roles: ["mm"],
    choices: NO_PARAMETERS,
    mayStart: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      const { allocated, largeMapcountLock, splitQueueLock } = folioOf(world);
      // The CPU that frees the folio owns it until the allocator has it.
      const isFree = !allocated && !largeMapcountLock && !splitQueueLock;
      return readsMm.mayRead(mm) && isFree && !mapsSomething(mm);
    },
    begin: (world, elements) => {
      readsMm.begin(world, elements);
      // The allocator is not interleaved: no other CPU refers to the folio, and folio_try_get() fails until it is
      // allocated.
      kernel.prepNewPage(folioOf(world), pages);
    },
    run: (world) => {
      const mm = at(world.mms, 0);
      const vma = at(mm.vmas, 0);
      const folio = folioOf(world);
      threads.claimFolio(folio);
      locks.lock(0);
      if (!pteRangeNone(vma, 0, pages)) {
        locks.unlock(0);
        threads.publishFolio(folio);
        threads.folioPutRefs(folio, 1);
        return 0;
      }
      if (threads.folioTestPmdMappable(folio)) {
        threads.mapAnonFolioPmd.call(publishing, world, mm, vma, folio);
      } else {
        threads.mapAnonFolioPtes.call(publishing, world, mm, vma, 0, folio);
      }
      locks.unlock(0);
      return 1;
    },
    end: readsMm.end,
  };
}

/** MADV_DONTNEED of a range. @source mm/madvise.c, madvise_dontneed_single_vma(); mm/memory.c, zap_pmd_range() */
function zap({ bounds: { pages }, threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "zap",
    roles: ["mm"],
    endsBy: [],
    choices: upTo(pages).flatMap((first) => upTo(pages - first).map((i) => ({ first, count: i + 1 }))),
    mayStart: (world, elements, { first, count }) => {
      const mm = mmOf(world, elements, 0);
      const { pmd, ptes } = at(mm.vmas, 0);
      const ends = [first as number, (first as number) + (count as number) - 1];
      return readsMm.mayRead(mm) && (pmd.folio !== 0 || ends.every((i) => !isNone(at(ptes, i))));
    },
    begin: readsMm.begin,
    run: (world, { first, count }) => {
      const mm = at(world.mms, 0);
      threads.tlbGatherMmu();
      locks.lock(0);
      threads.zapPmdRange(world, mm, at(mm.vmas, 0), first as number, (first as number) + (count as number));
      locks.unlock(0);
      threads.tlbFinishMmu(world, folioOf(world));
      return 0;
    },
    end: readsMm.end,
  };
}

/** Write to a read-only entry. @source mm/memory.c, do_wp_page(); mm/huge_memory.c, do_huge_pmd_wp_page() */
function writeFault(parts: Parts): Operation<RaceWorld> {
  return wpFault(parts, "writeFault", false);
}

/** Fault that makes a page exclusive for a read-only pin (FAULT_FLAG_UNSHARE). */
function unshare(parts: Parts): Operation<RaceWorld> {
  return wpFault(parts, "unshare", true);
}

function wpFault({ bounds: { pages }, threads, locks }: Parts, name: string, isUnshare: boolean): Operation<RaceWorld> {
  return {
    name,
    roles: ["mm"],
    choices: upTo(pages).map((entry) => ({ entry })),
    mayStart: (world, elements, { entry }) => {
      const mm = mmOf(world, elements, 0);
      const { pmd, ptes } = at(mm.vmas, 0);
      const pte = at(ptes, entry as number);
      const present = pmd.folio === 0 ? pte : entry === 0 ? pmd : undefined;
      return readsMm.mayRead(mm) && present !== undefined && isPresent(present) && !present.writable;
    },
    begin: readsMm.begin,
    run: (world, { entry }) => {
      const mm = at(world.mms, 0);
      const vma = at(mm.vmas, 0);
      const { pmd, ptes } = vma;
      locks.lock(0);
      let reused = 0;
      if (pmd.folio !== 0) {
        if (isPresent(pmd) && !pmd.writable) {
          reused = threads.doHugePmdWpPage(world, mm, vma, isUnshare) ? 1 : 0;
        }
      } else {
        const pte = at(ptes, entry as number);
        if (isPresent(pte) && !pte.writable) {
          reused = threads.doWpPage(world, mm, vma, entry as number, isUnshare) ? 1 : 0;
        }
      }
      locks.unlock(0);
      return reused;
    },
    end: readsMm.end,
  };
}

/** Split of a PMD before a part of its range changes. @source mm/huge_memory.c, __split_huge_pmd() */
function splitPmd({ threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "splitPmd",
    roles: ["mm"],
    choices: NO_PARAMETERS,
    mayStart: (world, elements) => {
      const mm = mmOf(world, elements, 0);
      return readsMm.mayRead(mm) && at(mm.vmas, 0).pmd.folio !== 0;
    },
    begin: readsMm.begin,
    run: (world) => {
      const mm = at(world.mms, 0);
      const vma = at(mm.vmas, 0);
      locks.lock(0);
      threads.splitHugePmd(world, mm, vma);
      locks.unlock(0);
      return 0;
    },
    end: readsMm.end,
  };
}

/** Fields of an entry in its encoded value, starting with the lowest digit. */
const ENTRY_FIELDS = ["swap", "exclusive", "page", "migration", "writable", "folio"] as const;
const DIGIT = 16;

/** Returns the load of a whole entry as one value; 0 for none. */
function entryLoad(cells: Cells, path: string, name: string): Access {
  const fields = ENTRY_FIELDS.map((field, digit) => ({ path: `${path}.${field}`, unit: DIGIT ** digit }))
    .filter((field) => cells.has(field.path))
    .map((field) => ({ cell: cells.cell(field.path), unit: field.unit }));
  return {
    kind: "load",
    cells: fields.map(({ cell }) => cell),
    object: name,
    marked: true,
    order: "relaxed",
    text: `load ${name}`,
    perform: (memory: Memory) => fields.reduce((value, { cell, unit }) => value + memory.read(cell) * unit, 0),
  };
}

/** Decodes a field of an entry that was loaded as one value. */
function fieldOf(value: number, field: (typeof ENTRY_FIELDS)[number]): number {
  return Math.floor(value / DIGIT ** ENTRY_FIELDS.indexOf(field)) % DIGIT;
}

/** Loads of whole entries, without the page table lock. */
class EntryLoads {
  private readonly context: Parts["context"];
  private readonly accesses: Map<string, Access> = new Map();

  constructor(context: Parts["context"]) {
    this.context = context;
  }

  load({ path, name }: EntryName): number {
    const { port, cells } = this.context;
    let access = this.accesses.get(path);
    if (access === undefined) {
      access = entryLoad(cells, path, name);
      this.accesses.set(path, access);
    }
    return port.access(access);
  }
}

interface EntryName {
  readonly path: string;
  readonly name: string;
}

const PMD_ENTRY: EntryName = { path: "mms[0].vmas[0].pmd", name: `pmd of ${roleName(0)}` };

function pteEntry(entry: number): EntryName {
  return { path: `mms[0].vmas[0].ptes[${entry}]`, name: `pte ${entry} of ${roleName(0)}` };
}

/**
 * GUP-fast of one page, and its release. Order: load the entry, take the reference, load the entry again.
 *
 * @source mm/gup.c, gup_fast(), gup_fast_pte_range(), gup_fast_pmd_leaf(), gup_put_folio()
 */
function gupFast({ bounds: { pages, pmd }, threads, context }: Parts): Operation<RaceWorld> {
  const loads = new EntryLoads(context);
  const isPresentValue = (value: number): boolean => fieldOf(value, "folio") !== 0 && fieldOf(value, "migration") === 0;
  return {
    name: "gupFast",
    roles: ["mm"],
    choices: pinChoices(pages),
    mayStart: (world, elements, { entry }) => {
      const mm = mmOf(world, elements, 0);
      // IRQs are off: no lock is taken, and the MM is the current one.
      return mm.live && isMapped(mm, entry as number);
    },
    begin: (world, elements) => {
      mmOf(world, elements, 0).gupFasts += 1;
    },
    end: (world, elements, { pin }) => {
      const mm = mmOf(world, elements, 0);
      mm.gupFasts -= 1;
      mm.sequenceReaders -= pin === true ? 1 : 0;
      resetSequence(mm);
      return 0;
    },
    run: (world, { entry, pin }) => {
      const mm = at(world.mms, 0);
      const folio = folioOf(world);
      if (pin === true) {
        threads.mmSetHasPinnedFlag(mm);
      }
      const seq = pin === true ? threads.rawReadSeqcount(mm) : 0;
      if (seq % 2 === 1) {
        return 0;
      }
      let mapping = PMD_ENTRY;
      let value = pmd > 0 ? loads.load(mapping) : 0;
      let page = 0;
      if (value === 0) {
        mapping = pteEntry(entry as number);
        value = loads.load(mapping);
        page = entry as number;
      }
      if (!isPresentValue(value) || !threads.tryGrabFolioFast(folio, pin === true)) {
        return 0;
      }
      const loadAgain = (): number => loads.load(mapping);
      if (threads.gupFastEntryChanged(value, loadAgain) || threads.gupMustUnshare(folio, page, pin === true, false)) {
        threads.gupPutFolio(folio, pin === true);
        return 0;
      }
      if (pin === true && threads.gupFastRacedWithFork(seq, () => mm.writeProtectSeq)) {
        threads.gupPutFolio(folio, true);
        return 0;
      }
      release(threads, folio, page, pin === true);
      return 1;
    },
  };
}

/** Returns the parameters for each page, with a reference and with a pin. */
function pinChoices(pages: number): readonly Parameters[] {
  return upTo(pages).flatMap((entry) => [false, true].map((pin) => ({ entry, pin })));
}

/** Resets the sequence count of an MM if no walk still uses a loaded value. */
function resetSequence(mm: RaceMm): void {
  if (mm.sequenceReaders === 0 && mm.writeProtectSeq % 2 === 0) {
    mm.writeProtectSeq = 0;
  }
}

/** Drops a reference or pin. */
function release(threads: ThreadKernel, folio: RaceFolio, page: number, pin: boolean): void {
  if (pin) {
    threads.sanityCheckPinnedPages(folio, page);
  }
  threads.gupPutFolio(folio, pin);
}

/**
 * GUP of one page under the page table lock, and its release.
 *
 * @source mm/gup.c, follow_page_pte(), follow_huge_pmd()
 */
function gupSlow({ bounds: { pages }, threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "gupSlow",
    roles: ["mm"],
    choices: pinChoices(pages),
    mayStart: (world, elements, { entry }) => {
      const mm = mmOf(world, elements, 0);
      return readsMm.mayRead(mm) && isMapped(mm, entry as number);
    },
    begin: readsMm.begin,
    run: (world, { entry, pin }) => {
      const mm = at(world.mms, 0);
      const { pmd, ptes } = at(mm.vmas, 0);
      const folio = folioOf(world);
      locks.lock(0);
      const isHuge = pmd.folio !== 0;
      const mapping = isHuge ? pmd : at(ptes, entry as number);
      const page = isHuge ? 0 : (entry as number);
      if (!isPresent(mapping) || threads.gupMustUnshare(folio, page, pin === true, false)) {
        locks.unlock(0);
        return 0;
      }
      threads.tryGrabFolio(folio, mm, pin === true);
      locks.unlock(0);
      release(threads, folio, page, pin === true);
      return 1;
    },
    end: readsMm.end,
  };
}

/**
 * Speculative reference of a lockless walker: compaction, page idle tracking.
 *
 * @source include/linux/page_ref.h, folio_try_get()
 */
function speculativeReference({ threads }: Parts): Operation<RaceWorld> {
  return {
    name: "speculativeReference",
    roles: [],
    choices: NO_PARAMETERS,
    mayStart: (world) => folioOf(world).allocated,
    run: (world) => {
      const folio = folioOf(world);
      if (!threads.folioTryGet(folio)) {
        return 0;
      }
      threads.folioPutRefs(folio, 1);
      return 1;
    },
  };
}

/**
 * The shrinker takes a folio from the deferred split queue, and fails to split it.
 *
 * @source mm/huge_memory.c, deferred_split_scan()
 */
function shrinkDeferred({ threads }: Parts): Operation<RaceWorld> {
  const splitFails: Kernel = { ...threads, splitFolio: () => false };
  return {
    name: "shrinkDeferred",
    roles: [],
    choices: NO_PARAMETERS,
    mayStart: (world) => folioOf(world).onDeferredList,
    run: (world) => {
      const folio = folioOf(world);
      if (!threads.takeQueued(folio)) {
        return 0;
      }
      threads.splitQueued.call(splitFails, world, folio, []);
      threads.folioPutRefs(folio, 1);
      return 1;
    },
  };
}

/**
 * Operation that takes a reference to the folio, tries to lock it, and walks all MMs that may map it. Forks and walks
 * exclude each other.
 *
 * @param walk executed under the folio lock with the roles of the MMs
 */
function reverseMappingWalk(
  name: string,
  { bounds: { mms }, threads }: Parts,
  walk: (world: RaceWorld, folio: RaceFolio, roles: readonly number[]) => void,
): Operation<RaceWorld> {
  const roles = upTo(mms);
  return {
    name,
    roles: roles.map((role) => `mm${role}`),
    choices: NO_PARAMETERS,
    mayStart: (world) => {
      const { allocated, locked } = folioOf(world);
      return allocated && !locked && world.forks === 0;
    },
    begin: (world) => {
      world.rmapWalks += 1;
    },
    run: (world) => {
      const folio = folioOf(world);
      if (!threads.folioTryGet(folio)) {
        return 0;
      }
      if (!threads.folioTrylock(folio)) {
        threads.folioPutRefs(folio, 1);
        return 0;
      }
      walk(world, folio, roles);
      threads.folioUnlock(folio);
      threads.folioPutRefs(folio, 1);
      return 1;
    },
    end: (world) => {
      world.rmapWalks -= 1;
      return 0;
    },
  };
}

/**
 * Migration of the folio: replaces its mappings by migration entries and back; the folio is not moved. The walk holds
 * the folio lock and takes the page table lock of one MM after the other.
 *
 * @source mm/migrate.c, migrate_folio_unmap(), migrate_folio_undo_src(); mm/rmap.c, try_to_migrate()
 */
function migrate(parts: Parts): Operation<RaceWorld> {
  const { threads, locks } = parts;
  return reverseMappingWalk("migrate", parts, (world, folio, roles) => {
    for (const role of roles) {
      locks.lock(role);
      threads.tryToMigrate(world, folio, false, [role]);
      locks.unlock(role);
    }
    for (const role of roles) {
      locks.lock(role);
      threads.removeMigrationPtes(world, folio, folio, [role]);
      locks.unlock(role);
    }
  });
}

/**
 * Reclaim of the folio up to its swap entries: the folio is added to the swap cache and unmapped, but neither written
 * nor freed. The walk holds the folio lock and takes the page table lock of one MM after the other.
 *
 * @source mm/vmscan.c, isolate_lru_folios(), shrink_folio_list(); mm/rmap.c, try_to_unmap()
 */
function swapOut(parts: Parts): Operation<RaceWorld> {
  const { threads, locks } = parts;
  // Reclaim holds a reference.
  const reclaiming: Kernel = { ...threads, canSplitFolio: (folio) => threads.canSplitFolio(folio, 1) };
  return reverseMappingWalk("swapOut", parts, (world, folio, roles) => {
    if (!folio.swapcache && !threads.shrinkFolioAddToSwap.call(reclaiming, world, folio)) {
      return;
    }
    for (const role of roles) {
      const mm = at(world.mms, role);
      locks.lock(role);
      const unmapped = threads.tryToUnmapOne(world, folio, mm, at(mm.vmas, 0));
      locks.unlock(role);
      if (!unmapped) {
        break;
      }
    }
  });
}

/**
 * Fault on a swap entry whose folio is in the swap cache. The entry is loaded without the page table lock, and again
 * under the folio lock and the page table lock. If the entry is mapped read-only, a write continues as a write fault.
 *
 * @source mm/memory.c, handle_pte_fault(), do_swap_page()
 */
function swapIn({ bounds: { pages }, threads, locks, context }: Parts): Operation<RaceWorld> {
  const loads = new EntryLoads(context);
  return {
    name: "swapIn",
    roles: ["mm"],
    choices: upTo(pages).flatMap((entry) => [false, true].map((write) => ({ entry, write }))),
    mayStart: (world, elements, { entry }) => {
      const mm = mmOf(world, elements, 0);
      return readsMm.mayRead(mm) && at(at(mm.vmas, 0).ptes, entry as number).swap;
    },
    begin: readsMm.begin,
    run: (world, { entry, write }) => {
      const mm = at(world.mms, 0);
      const vma = at(mm.vmas, 0);
      const mapping = pteEntry(entry as number);
      const value = loads.load(mapping);
      if (fieldOf(value, "swap") === 0) {
        return 0;
      }
      const slot = fieldOf(value, "page");
      const folio = threads.swapCacheGetFolio(world, slot);
      if (folio === undefined) {
        return 0;
      }
      threads.folioLock(folio);
      if (!threads.folioMatchesSwapEntry(folio, slot)) {
        threads.swapInBackOut(world, folio);
        return 0;
      }
      locks.lock(0);
      if (threads.swapInEntryChanged(value, () => loads.load(mapping))) {
        locks.unlock(0);
        threads.swapInBackOut(world, folio);
        return 0;
      }
      threads.doSwapPage(world, mm, vma, entry as number, folio, write === true);
      threads.folioUnlock(folio);
      if (write === true && !at(vma.ptes, entry as number).writable) {
        threads.doWpPage(world, mm, vma, entry as number, false);
      }
      locks.unlock(0);
      return 1;
    },
    end: readsMm.end,
  };
}

/**
 * The swap allocator removes a folio without swap entries from the swap cache.
 *
 * @source mm/swapfile.c, cluster_reclaim_range()
 */
function freeSwap({ threads }: Parts): Operation<RaceWorld> {
  return {
    name: "freeSwap",
    roles: [],
    choices: NO_PARAMETERS,
    mayStart: (world) => folioOf(world).swapcache,
    run: (world) => threads.tryToReclaimSwap(world, 0, true),
  };
}

/** Read of /proc/kpagecount, without lock or reference. @source fs/proc/page.c, get_kpage_count() */
function kpagecount({ bounds: { pages }, threads }: Parts): Operation<RaceWorld> {
  return {
    name: "kpagecount",
    roles: [],
    choices: upTo(pages).map((page) => ({ page })),
    mayStart: (world) => folioOf(world).allocated,
    run: (world, { page }) => {
      threads.kpagecount(folioOf(world), page as number);
      return 0;
    },
  };
}

/**
 * Read of /proc/PID/pagemap and smaps under the page table lock: PM_MMAP_EXCLUSIVE, USS and PSS of one page.
 *
 * @source fs/proc/task_mmu.c, pagemap_pmd_range(), smaps_account()
 */
function pagemap({ bounds: { pages }, threads, locks }: Parts): Operation<RaceWorld> {
  return {
    name: "pagemap",
    roles: ["mm"],
    choices: upTo(pages).map((entry) => ({ entry })),
    mayStart: (world, elements, { entry }) => {
      const mm = mmOf(world, elements, 0);
      return readsMm.mayRead(mm) && isMapped(mm, entry as number);
    },
    begin: readsMm.begin,
    run: (world, { entry }) => {
      const { pmd, ptes } = at(at(world.mms, 0).vmas, 0);
      const folio = folioOf(world);
      const page = entry as number;
      locks.lock(0);
      if (isPresent(pmd) || (pmd.folio === 0 && isPresent(at(ptes, page)))) {
        threads.pagemapMmapExclusive(folio, page);
        threads.smapsPrivate(folio, page);
        threads.smapsPssDivisor(folio, page);
      }
      locks.unlock(0);
      return 0;
    },
    end: readsMm.end,
  };
}

/** Lockless query whether the folio is maybe mapped shared. @source include/linux/mm.h, folio_maybe_mapped_shared() */
function maybeMappedShared({ threads }: Parts): Operation<RaceWorld> {
  return {
    name: "maybeMappedShared",
    roles: [],
    choices: NO_PARAMETERS,
    mayStart: (world) => folioOf(world).allocated,
    run: (world) => (threads.folioMaybeMappedShared(folioOf(world)) ? 1 : 0),
    observes: ({ mms }) => {
      let mapping = 0;
      for (let m = 0; m < mms.length; m++) {
        mapping += mapsSomething(at(mms, m)) ? 1 : 0;
      }
      return mapping <= 1;
    },
    end: (_world, _elements, _parameters, shared, wasExclusive) =>
      shared === 0 && !wasExclusive ? Warning.neverExclusive : 0,
  };
}

/** Whether the PMD or the entry is present. */
function isMapped({ vmas }: RaceMm, entry: number): boolean {
  const { pmd, ptes } = at(vmas, 0);
  return pmd.folio !== 0 || isPresent(at(ptes, entry));
}

/** Whether an MM maps any page of the folio. */
function mapsSomething({ vmas }: RaceMm): boolean {
  const { pmd, ptes } = at(vmas, 0);
  if (isPresent(pmd)) {
    return true;
  }
  for (let i = 0; i < ptes.length; i++) {
    if (isPresent(at(ptes, i))) {
      return true;
    }
  }
  return false;
}
