import { describe, expect, it } from "vitest";
import type { Folio } from "../../model/state/structs.ts";
import { freshKernel, kernelIn, start, type WorldSession } from "./session.ts";
import { folioWith, kernelStateWith } from "./structs.ts";

/** Session with a file of 4 pages in one folio of the page cache, mapped by MM 0, which has written to page 2. */
function mapped(bounds = {}, config = ""): WorldSession {
  return start("shmem", bounds, config)
    .act("readFile", { index: 0, pages: 4 })
    .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
    .act("storeShared", { mm: 0, vma: 0, entry: 2, value: 1 });
}

const unmapped = (bounds = {}): WorldSession => mapped(bounds).act("tryToUnmapFile", { folio: 0, mm: 0 });
const cached = (bounds = {}): WorldSession => unmapped(bounds).act("shmemWriteout", { folio: 0 });
const swappedOut = (bounds = {}): WorldSession => cached(bounds).act("swapOut", { folio: 0 });

const entries = ({ world }: WorldSession): number[] => world.filePages.map(({ swap }) => swap);
const counts = ({ world }: WorldSession): number[] => world.swapSlots.map(({ count }) => count);
const contents = (session: WorldSession, folio = 0): number[] =>
  session.folio(folio).pages.map(({ content }) => content);

describe("Unmapping a folio of shmem", () => {
  it("Unmapping a folio of shmem leaves it in the page cache, and no entries", () => {
    expect(unmapped().entries(0)).toBe("- - - -");
    expect(unmapped().folio()).toMatchObject({ inPageCache: true, swapcache: false, refcount: 4, largeMapcount: -1 });
    expect(unmapped().stats.nrFileMapped).toBe(0);
  });

  it("Unmapping a folio of shmem visits one MM after the other, with all VMAs of each", () => {
    const both = start("shmem", { file: 2 })
      .act("readFile", { index: 0, pages: 4 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
      .act("fileFault", { mm: 0, vma: 1, first: 1, count: 2 })
      .act("fork", { parent: 0, child: 1 });
    const one = both.act("tryToUnmapFile", { folio: 0, mm: 0 });
    expect(one.folio()).toMatchObject({ refcount: 10, largeMapcount: 5 });
    expect(one.act("tryToUnmapFile", { folio: 0, mm: 1 }).folio()).toMatchObject({ refcount: 4, largeMapcount: -1 });
    expect(one.isEnabled("tryToUnmapFile", { folio: 0, mm: 0 })).toBe(false);
  });
});

describe("Writing out a folio of shmem", () => {
  it("Writing out a folio of shmem moves it from the page cache to the swap cache, each page with a swap entry in its place", () => {
    expect(cached().folio()).toMatchObject({ inPageCache: false, swapcache: true, anon: false, refcount: 4 });
    expect([entries(cached()), counts(cached())]).toEqual([
      [1, 2, 3, 4],
      [1, 1, 1, 1],
    ]);
  });

  it("A folio of shmem is written out only if it is unmapped and unreferenced, and there are swap slots", () => {
    expect(mapped().isEnabled("shmemWriteout", { folio: 0 })).toBe(false);
    const held = unmapped({ holders: 1 }).act("tryGet", { folio: 0 });
    expect(held.isEnabled("shmemWriteout", { folio: 0 })).toBe(false);
    expect(unmapped({ swapSlots: 3 }).isEnabled("shmemWriteout", { folio: 0 })).toBe(false);
  });

  it("Writing out a folio of shmem releases it to the swap device, with the contents of its pages", () => {
    expect(swappedOut().folio().allocated).toBe(false);
    expect(swappedOut().world.swapSlots.map(({ content }) => content)).toEqual([0, 0, 1, 0]);
    expect(entries(swappedOut())).toEqual([1, 2, 3, 4]);
  });
});

describe("A page of shmem that is swapped out", () => {
  it("A page of shmem that is swapped out is swapped in with its folio while that is in the swap cache", () => {
    const back = cached().act("shmemSwapIn", { index: 3 });
    expect(back.folio()).toMatchObject({ inPageCache: true, swapcache: false, index: 0, refcount: 4 });
    expect([entries(back), counts(back), contents(back)]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 1, 0],
    ]);
  });

  it("A page of shmem that is swapped out is swapped in alone if it is read from the device, and the other swap entries stay", () => {
    const back = swappedOut().act("shmemSwapIn", { index: 2 });
    expect(back.folio(1)).toMatchObject({ inPageCache: true, nrPages: 1, index: 2, refcount: 1 });
    expect([entries(back), counts(back), contents(back, 1)]).toEqual([[1, 2, 0, 4], [1, 1, 0, 1], [1]]);
    expect(back.act("fileFault", { mm: 0, vma: 0, first: 2, count: 1 }).entries(0)).toBe("- - 1.0 -");
  });

  it("A page of shmem that is swapped out is not taken for a hole of the file", () => {
    expect(swappedOut().isEnabled("readFile", { index: 0, pages: 4 })).toBe(false);
    expect(swappedOut().isEnabled("readFile", { index: 2, pages: 1 })).toBe(false);
    expect(swappedOut().isEnabled("fileFault", { mm: 0, vma: 0, first: 2, count: 1 })).toBe(false);
  });

  it("A page of shmem that is swapped out needs a folio to be read into", () => {
    const full = swappedOut({ smallFolios: 0 }).act("shmemSwapIn", { index: 0 });
    expect(full.isEnabled("shmemSwapIn", { index: 1 })).toBe(false);
  });
});

describe("The expected references of a folio of shmem", () => {
  const machine = kernelStateWith({
    folios: [folioWith({ nrPages: 4, swapcache: true, refcount: 4 })],
    swapCounts: [1, 1, 1, 1],
    filePages: [1, 2, 3, 4],
  });
  const [folio] = machine.folios as [Folio];

  it("The expected references of a folio of shmem are those of the swap cache", () => {
    expect(freshKernel().folioExpectedRefCount(folio)).toBe(4);
    expect(freshKernel("", "v6.15").folioExpectedRefCount(folio)).toBe(4);
  });

  it("The expected references of a folio of shmem were none in 6.18.2, so that it never migrated", () => {
    const faulty = kernelIn("", "expected-without-swapped-shmem");
    expect(faulty.folioExpectedRefCount(folio)).toBe(0);
    const src = { ...folio, refcount: 5, locked: true };
    expect(faulty.moveToNewFolio(machine, folioWith(), src)).toBe(false);
    expect(freshKernel().folioExpectedRefCount(src)).toBe(src.refcount - 1);
  });

  it("The expected references of a folio of shmem are those of both caches while it moves from one to the other", () => {
    expect(freshKernel().folioExpectedRefCount({ ...folio, inPageCache: true })).toBe(8);
  });
});
