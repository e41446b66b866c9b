/**
 * Cases of the self-test, and further ones like them: each executes the steps of processes, and checks the contents
 * that every process must read and whether the written pages stay in place.
 *
 * @source tools/testing/selftests/mm/cow.c, anon_test_cases, anon_thp_test_cases
 */
import { expect } from "vitest";
import { COLLAPSIBLE, MEMORY_KINDS, type MemoryKind, mapByPtes } from "./memory.ts";
import type { Fate, Process, Stage } from "./stage.ts";

/** Case of the self-test, or a further one. */
export interface Case {
  readonly name: string;
  /** Name of the case in the self-test; absent for a further one. */
  readonly selfTest?: string;
  readonly kinds: readonly MemoryKind[];
  /** Executes the case. Returns the fate of the pages that were written last. */
  readonly play: (stage: Stage, kind: MemoryKind) => Fate;
  readonly fate: (kind: MemoryKind) => Fate;
}

const kept = (): Fate => "kept";
const copied = (): Fate => "copied";
const asAlone = ({ alone }: MemoryKind): Fate => alone;
const asLeft = ({ left }: MemoryKind): Fate => left;

const onAnyMemory = (
  name: string,
  fate: Case["fate"],
  play: (parent: Process, kind: MemoryKind) => Fate,
  selfTest?: string,
): Case => ({
  name,
  kinds: MEMORY_KINDS,
  fate,
  play: ({ parent }, kind) => play(parent, kind),
  ...(selfTest && { selfTest }),
});

/** Executes a write that the watcher must not see. */
function writesUnseen(writer: Process, watcher: { readonly reads: () => readonly number[] }): Fate {
  const before = watcher.reads();
  const fate = writer.writes();
  expect(watcher.reads()).toEqual(before);
  return fate;
}

/** Executes a write that the holder of the pin must see. */
function writesSeen(writer: Process, pin: { readonly reads: () => readonly number[] }): Fate {
  const fate = writer.writes();
  expect(pin.reads()).toEqual(writer.reads());
  return fate;
}

const AFTER_FORK: readonly Case[] = [
  onAnyMemory(
    "a child does not see its parent's write after fork",
    copied,
    (parent) => {
      const child = parent.forks();
      return writesUnseen(parent, child);
    },
    "Basic COW after fork()",
  ),
  onAnyMemory(
    "a child does not see its parent's write after fork, although mprotect() may make pages writable",
    copied,
    (parent) => {
      const child = parent.forks();
      child.reads();
      parent.protects({ softDirty: false });
      return writesUnseen(parent, child);
    },
    "Basic COW after fork() with mprotect() optimization",
  ),
  onAnyMemory("a parent does not see its child's write after fork", copied, (parent) =>
    writesUnseen(parent.forks(), parent),
  ),
  onAnyMemory("a page that the child copied stays the parent's", asLeft, (parent) => {
    const child = parent.forks();
    child.reads();
    child.writes();
    return parent.writes();
  }),
  onAnyMemory("a page that the child unmapped stays the parent's", asLeft, (parent) => {
    const child = parent.forks();
    child.reads();
    child.unmaps();
    return parent.writes();
  }),
  onAnyMemory("a page that the parent unmapped stays the child's", asLeft, (parent) => {
    const child = parent.forks();
    parent.reads();
    parent.unmaps();
    return child.writes();
  }),
  onAnyMemory("a page stays the parent's when the child quits", asAlone, (parent) => {
    const child = parent.forks();
    child.reads();
    child.quits();
    return parent.writes();
  }),
];

const SPLICED: readonly Case[] = [
  onAnyMemory(
    "what a child spliced and unmapped does not see the parent's write",
    copied,
    (parent) => {
      const child = parent.forks();
      const pipe = child.splices();
      child.unmaps();
      return writesUnseen(parent, pipe);
    },
    "vmsplice() + unmap in child",
  ),
  onAnyMemory(
    "what a child spliced and unmapped does not see the parent's write, although mprotect() may make pages writable",
    copied,
    (parent) => {
      const child = parent.forks();
      const pipe = child.splices();
      child.unmaps();
      parent.protects({ softDirty: false });
      return writesUnseen(parent, pipe);
    },
    "vmsplice() + unmap in child with mprotect() optimization",
  ),
  onAnyMemory(
    "what a parent spliced before fork and unmapped does not see the child's write",
    copied,
    (parent) => {
      const pipe = parent.splices();
      const child = parent.forks();
      parent.unmaps();
      return writesUnseen(child, pipe);
    },
    "vmsplice() before fork(), unmap in parent after fork()",
  ),
  onAnyMemory(
    "what a parent spliced after fork and unmapped does not see the child's write",
    copied,
    (parent) => {
      const child = parent.forks();
      const pipe = parent.splices();
      parent.unmaps();
      return writesUnseen(child, pipe);
    },
    "vmsplice() + unmap in parent after fork()",
  ),
];

const PINNED: readonly Case[] = [
  onAnyMemory(
    "a read/write pin sees a write to a page that was mapped read-only since",
    kept,
    (parent) => {
      const pin = parent.pinsToWrite();
      parent.protects({ softDirty: true });
      return writesSeen(parent, pin);
    },
    "R/O-mapping a page registered as iouring fixed buffer",
  ),
  onAnyMemory(
    "a read/write pin from before fork sees the parent's write, and the child does not",
    kept,
    (parent) => {
      const pin = parent.pinsToWrite();
      const child = parent.forks();
      const fate = writesUnseen(parent, child);
      expect(pin.reads()).toEqual(parent.reads());
      return fate;
    },
    "fork() with an iouring fixed buffer",
  ),
  onAnyMemory(
    "what a device writes through a pin from before fork is the parent's, not the child's",
    kept,
    (parent) => {
      const pin = parent.pinsToWrite();
      const child = parent.forks();
      const before = child.reads();
      pin.writes();
      expect(child.reads()).toEqual(before);
      expect(parent.reads()).toEqual(pin.reads());
      return parent.writes();
    },
  ),
  onAnyMemory("a read-only pin from before fork sees the parent's write, and not the child's", kept, (parent) => {
    const pin = parent.pinsToRead();
    expect(pin.fate).toBe("kept");
    const child = parent.forks();
    expect(writesUnseen(child, pin)).toBe("kept");
    return writesSeen(parent, pin);
  }),
  onAnyMemory(
    "a read-only pin of a shared page sees the write of the process that pinned it",
    kept,
    (parent) => {
      const child = parent.forks();
      const pin = parent.pinsToRead();
      expect(pin.fate).toBe("copied");
      const before = child.reads();
      const fate = writesSeen(parent, pin);
      expect(child.reads()).toEqual(before);
      return fate;
    },
    "R/O GUP pin on R/O-mapped shared page",
  ),
  onAnyMemory(
    "a read-only pin of a page that is shared no longer sees the write",
    kept,
    (parent, { pinned }) => {
      parent.forks().quits();
      const pin = parent.pinsToRead();
      expect(pin.fate).toBe(pinned);
      return writesSeen(parent, pin);
    },
    "R/O GUP pin on R/O-mapped previously-shared page",
  ),
  onAnyMemory(
    "a read-only pin of an exclusive page that is mapped read-only sees the write",
    kept,
    (parent) => {
      parent.protects({ softDirty: true });
      const pin = parent.pinsToRead();
      expect(pin.fate).toBe("kept");
      return writesSeen(parent, pin);
    },
    "R/O GUP pin on R/O-mapped exclusive page",
  ),
  onAnyMemory("a read/write pin of a shared page sees the write of the process that pinned it", kept, (parent) => {
    const child = parent.forks();
    const before = child.reads();
    const pin = parent.pinsToWrite();
    expect(pin.fate).toBe("copied");
    const fate = writesSeen(parent, pin);
    expect(child.reads()).toEqual(before);
    return fate;
  }),
  onAnyMemory("a read/write pin of a page that is shared no longer sees the write", kept, (parent, { pinned }) => {
    parent.forks().quits();
    const pin = parent.pinsToWrite();
    expect(pin.fate).toBe(pinned);
    return writesSeen(parent, pin);
  }),
];

/** Builds a case with a collapse. @param fork forks and collapses; returns the child and the entries shared with it */
function collapsed(
  when: string,
  selfTest: string,
  fate: Fate,
  fork: (stage: Stage) => { readonly child: Process; readonly shared: readonly number[] },
): Case {
  return {
    name: `a child does not see its parent's write, when memory is collapsed ${when}`,
    selfTest,
    kinds: COLLAPSIBLE,
    fate: () => fate,
    play: (stage) => {
      mapByPtes(stage);
      const { child, shared } = fork(stage);
      expect(stage.parent.hasPmd).toBe(true);
      return writesUnseen(stage.parent, { reads: () => child.reads(shared) });
    },
  };
}

function forksThenCollapses(
  { parent, entries }: Stage,
  first: number,
  count: number,
): { readonly child: Process; readonly shared: readonly number[] } {
  const child = parent.forksOnly(first, count);
  parent.collapses();
  return { child, shared: entries.slice(first, first + count) };
}

const COLLAPSED: readonly Case[] = [
  collapsed("before fork", "Basic COW after fork() when collapsing before fork()", "copied", ({ parent, entries }) => {
    parent.collapses();
    return { child: parent.forks(), shared: entries };
  }),
  collapsed("after fork", "Basic COW after fork() when collapsing after fork() (fully shared)", "kept", (stage) =>
    forksThenCollapses(stage, 0, stage.entries.length),
  ),
  collapsed(
    "after fork of its lower half",
    "Basic COW after fork() when collapsing after fork() (lower shared)",
    "kept",
    (stage) => forksThenCollapses(stage, 0, stage.entries.length / 2),
  ),
  collapsed(
    "after fork of its upper half",
    "Basic COW after fork() when collapsing after fork() (upper shared)",
    "kept",
    (stage) => forksThenCollapses(stage, stage.entries.length / 2, stage.entries.length / 2),
  ),
];

/** All cases. */
export const CASES: readonly Case[] = [...AFTER_FORK, ...SPLICED, ...PINNED, ...COLLAPSED];
