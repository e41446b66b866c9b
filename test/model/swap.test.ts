import { describe, expect, it } from "vitest";
import { Warning } from "../../model/kernel/warnings.ts";
import type { Folio, KernelState, Mm, Pte, Vma } from "../../model/state/structs.ts";
import { HolderKind } from "../../model/state/world.ts";
import { freshKernel, kernelIn, start, type WorldSession } from "./session.ts";
import { folioWith, type GivenFolio, kernelStateWith, ptesOf, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];
const { pin, get } = HolderKind;

/** Session with a folio of 4 pages in the swap cache, in slots 0 to 3, mapped by MM 0. */
function cached(config = "", bounds = {}, kernel = kernelIn(config)): WorldSession {
  return start("swap", { smallFolios: 3, ...bounds }, config, kernel)
    .act("anonFault", { mm: 0, first: 0, pages: 4 })
    .act("addToSwap", { folio: 0 });
}

/** Session of `cached`, with the folio unmapped from MM 0. */
const unmapped = (config = "", bounds = {}): WorldSession =>
  cached(config, bounds).act("tryToUnmap", { folio: 0, mm: 0 });

/** Session of `unmapped`, with the folio written to its slots and freed. */
const swappedOut = (config = "", bounds = {}): WorldSession => unmapped(config, bounds).act("swapOut", { folio: 0 });

const counts = (session: WorldSession): number[] => session.world.swapSlots.map((slot) => slot.count);
const cachedIn = (session: WorldSession): number[] => session.world.swapSlots.map((slot) => slot.folio);

describe("Adding a folio to the swap cache", () => {
  it("Adding a folio to the swap cache takes a slot and a reference for each page, and maps nothing", () => {
    const session = cached();
    expect(session.folio()).toMatchObject({ swapcache: true, swap: 0, refcount: 8, largeMapcount: 3 });
    expect([counts(session), cachedIn(session)]).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
    expect([session.kinds(0), session.exclusive()]).toEqual(["wwww", "xxxx"]);
  });

  it("Adding a folio to the swap cache takes slots that are naturally aligned", () => {
    const state = kernelStateWith({ folios: [folioWith({ nrPages: 2 })], swapCounts: [0, 1, 1, 0, 0, 0] });
    const [folio] = state.folios as [Folio];
    expect(freshKernel().folioAllocSwap(state, folio)).toBe(true);
    expect(folio).toMatchObject({ swapcache: true, swap: 4, refcount: 3 });
    const full = kernelStateWith({ folios: [folioWith({ nrPages: 4 })], swapCounts: [1, 0, 0, 0, 0, 0] });
    const [large] = full.folios as [Folio];
    expect(freshKernel().folioAllocSwap(full, large)).toBe(false);
    expect(large).toMatchObject({ swapcache: false, refcount: 1 });
  });

  it("Adding a folio to the swap cache takes no slot that only the swap cache needs any more", () => {
    const state = kernelStateWith({
      folios: [folioWith({ nrPages: 1, swapcache: true, swap: 0 }), folioWith({ nrPages: 1 })],
      swapCounts: [0, 0],
    });
    const folio = state.folios[1] as Folio;
    freshKernel().folioAllocSwap(state, folio);
    expect(folio.swap).toBe(1);
  });

  it("Adding a folio to the swap cache is refused for a folio that is queued as partially mapped: that is split first", () => {
    const session = start("swap").act("anonFault", { mm: 0, first: 0, pages: 4 });
    const partial = session.act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect([session, partial].map((each) => each.isEnabled("addToSwap", { folio: 0 }))).toEqual([true, false]);
  });

  it("Adding a folio to the swap cache is refused for a pinned folio, of any size, and for a large one with another reference", () => {
    for (const pages of [1, 4]) {
      const session = start("swap", { holders: 1 }).act("anonFault", { mm: 0, first: 0, pages });
      const folio = pages === 1 ? 1 : 0;
      const add = (kind: number): boolean =>
        session.act("gup", { mm: 0, entry: 0, kind }).isEnabled("addToSwap", { folio });
      expect(session.isEnabled("addToSwap", { folio })).toBe(true);
      expect(add(pin)).toBe(false);
      expect(add(get)).toBe(pages === 1);
    }
  });
});

describe("Unmapping a folio of the swap cache", () => {
  it.each(configs)(
    "Unmapping a folio of the swap cache replaces each page's entry by a swap entry that preserves exclusiveness ($config)",
    ({ config }) => {
      const session = unmapped(config);
      expect([session.kinds(0), session.exclusive()]).toEqual(["SSSS", "----"]);
      expect(session.folio()).toMatchObject({ refcount: 4, largeMapcount: -1, swapcache: true });
      expect(counts(session)).toEqual([1, 1, 1, 1]);
      expect(session.stats.nrAnonMapped).toBe(0);
    },
  );

  it.each(configs)(
    "Unmapping a folio of the swap cache of one MM leaves the other's mappings, and marks no entry of shared pages ($config)",
    ({ config }) => {
      const session = start("swap", { smallFolios: 3 }, config)
        .act("anonFault", { mm: 0, first: 0, pages: 4 })
        .act("fork", { parent: 0, child: 1 })
        .act("addToSwap", { folio: 0 })
        .act("tryToUnmap", { folio: 0, mm: 0 });
      expect([session.kinds(0), session.kinds(1)]).toEqual(["ssss", "rrrr"]);
      expect(session.folio()).toMatchObject({ refcount: 8, largeMapcount: 3 });
      expect(session.tracking()).toBe("free | mm 1: 4 | exclusive");
      expect(session.act("tryToUnmap", { folio: 0, mm: 1 }).world.swapSlots.map((slot) => slot.count)).toEqual([
        ...[2, 2, 2, 2],
      ]);
    },
  );

  it("Unmapping a folio of the swap cache stops at an exclusive page while the folio may be pinned; the pages before it stay unmapped", () => {
    const state = kernelStateWith({
      folios: [
        folioWith({
          ...{ anon: true, swapcache: true, refcount: 9, pincount: 1, mapcount: 4, slots: ["A4", "-"] as const },
          ...{ pageMapcounts: [1, 1, 1, 1], nrPagesMapped: 4, exclusive: [false, true, false, false] },
        }),
      ],
      ptes: ["a0 a1w a2 a3"],
      swapCounts: [0, 0, 0, 0],
    });
    const [mm] = state.mms as [Mm];
    const kernel = freshKernel();
    expect(kernel.tryToUnmapOne(state, state.folios[0] as Folio, mm, mm.vmas[0] as Vma)).toBe(false);
    expect(mm.vmas[0]?.ptes).toEqual(ptesOf("s0 a1w a2 a3"));
    expect(state.folios[0]).toMatchObject({ refcount: 8, largeMapcount: 2 });
    expect(state.folios[0]?.pages[1]).toMatchObject({ anonExclusive: true, mapcount: 0 });
    expect(state.swapSlots.map((slot) => slot.count)).toEqual([1, 0, 0, 0]);
    expect(kernel.warnings.first).toBe(0);
  });

  it("Unmapping a folio of the swap cache leaves a page mapped that was pinned after it was added", () => {
    const session = start("swap", { holders: 1, smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("addToSwap", { folio: 0 })
      .act("gup", { mm: 0, entry: 2, kind: pin })
      .act("tryToUnmap", { folio: 0, mm: 0 });
    expect([session.kinds(0), session.exclusive(), counts(session)]).toEqual(["wwww", "xxxx", [0, 0, 0, 0]]);
  });

  it("Unmapping a folio of the swap cache does not queue a folio that becomes partially mapped (C14.swap-cache)", () => {
    const session = cached().act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    expect(session.folio()).toMatchObject({ partiallyMapped: false, onDeferredList: false, largeMapcount: 2 });
    const left = session.act("freeSwap", { folio: 0 });
    expect(left.folio()).toMatchObject({ swapcache: false, partiallyMapped: false, largeMapcount: 2, refcount: 3 });
  });
});

describe("Writing a folio to swap", () => {
  it("Writing a folio to swap frees it when it has no mapping and no other reference", () => {
    const session = swappedOut();
    expect(session.folio()).toEqual(start("swap").folio());
    expect([counts(session), cachedIn(session)]).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
    expect(cached().isEnabled("swapOut", { folio: 0 })).toBe(false);
  });

  it("Writing a folio to swap waits for a reference to go", () => {
    const held = start("swap", { holders: 1 })
      .act("anonFault", { mm: 0, first: 0, pages: 1 })
      .act("addToSwap", { folio: 1 })
      .act("gup", { mm: 0, entry: 0, kind: get })
      .act("tryToUnmap", { folio: 1, mm: 0 });
    expect(held.kinds(0)).toBe("S---");
    expect(held.isEnabled("swapOut", { folio: 1 })).toBe(false);
    expect(held.act("put", { holder: 0 }).isEnabled("swapOut", { folio: 1 })).toBe(true);
  });

  it("Writing a folio to swap stores the contents of its pages, and reading restores them", () => {
    const written = start("swap", { smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("store", { mm: 0, entry: 2, value: 1 })
      .act("addToSwap", { folio: 0 })
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("swapOut", { folio: 0 });
    expect(written.world.swapSlots.map((slot) => slot.content)).toEqual([0, 0, 1, 0]);
    const read = written.act("swapIn", { mm: 0, entry: 2, write: false });
    expect(read.folio(1).pages[0]?.content).toBe(1);
  });
});

describe("A fault on a swap entry whose folio is in the swap cache", () => {
  it.each(configs)(
    "A fault on a swap entry whose folio is in the swap cache maps the whole large folio when it is swapped out completely ($config)",
    ({ config }) => {
      const session = unmapped(config).act("swapIn", { mm: 0, entry: 2, write: false });
      expect([session.entries(0), session.kinds(0), session.exclusive()]).toEqual(["0.0 0.1 0.2 0.3", "wwww", "xxxx"]);
      expect(session.folio()).toMatchObject({ refcount: 8, largeMapcount: 3, swapcache: true });
      expect(counts(session)).toEqual([0, 0, 0, 0]);
      expect(session.tracking()).toBe("mm 0: 4 | free | exclusive");
    },
  );

  it("A fault on a swap entry whose folio is in the swap cache removes the folio from the swap cache on a write without other references", () => {
    const session = unmapped().act("swapIn", { mm: 0, entry: 2, write: true });
    expect([session.kinds(0), cachedIn(session)]).toEqual(["wwww", [0, 0, 0, 0]]);
    expect(session.folio()).toMatchObject({ refcount: 4, swapcache: false, swap: 0 });
  });

  it("A fault on a swap entry whose folio is in the swap cache maps one page if another entry of the folio was unmapped, or is not exclusive any more after fork", () => {
    const gone = unmapped().act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
    const one = gone.act("swapIn", { mm: 0, entry: 2, write: false });
    expect([one.kinds(0), one.exclusive(), counts(one)]).toEqual(["-SwS", "--x-", [0, 1, 0, 1]]);
    expect(one.folio()).toMatchObject({ refcount: 5, largeMapcount: 0 });
  });

  it("A fault on a swap entry whose folio is in the swap cache leaves pages read-only that other swap entries lead to", () => {
    const shared = unmapped().act("fork", { parent: 0, child: 1 });
    expect([shared.kinds(0), shared.kinds(1), counts(shared)]).toEqual(["ssss", "ssss", [2, 2, 2, 2]]);
    const read = shared.act("swapIn", { mm: 1, entry: 0, write: false });
    expect([read.kinds(0), read.kinds(1), read.exclusive(), counts(read)]).toEqual([
      ...["ssss", "rrrr", "----"],
      [1, 1, 1, 1],
    ]);
    expect(read.folio()).toMatchObject({ refcount: 8, swapcache: true });
  });

  it("A fault on a swap entry whose folio is in the swap cache copies a written page while other swap entries refer to it, and reuses it afterwards", () => {
    const shared = unmapped().act("fork", { parent: 0, child: 1 });
    const copied = shared.act("swapIn", { mm: 1, entry: 0, write: true });
    expect([copied.entries(1), copied.kinds(1), copied.kinds(0)]).toEqual(["1.0 0.1 0.2 0.3", "wrrr", "ssss"]);
    const alone = shared.act("exit", { mm: 0 }).act("swapIn", { mm: 1, entry: 0, write: true });
    expect([alone.entries(1), alone.kinds(1), alone.folio().swapcache]).toEqual(["0.0 0.1 0.2 0.3", "wrrr", false]);
  });

  it("A fault on a swap entry whose folio is in the swap cache makes all pages of a large folio writable at once in 6.18, where its swap is freed before they are mapped", () => {
    const alone = cached("", {}, kernelIn("", "v6.18"))
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 0 })
      .act("swapIn", { mm: 1, entry: 0, write: true });
    expect([alone.kinds(1), alone.folio().swapcache]).toEqual(["wwww", false]);
  });

  it("A fault on a swap entry whose folio is in the swap cache is copied while other pages of its folio are swapped out, although the MM is alone", () => {
    const some = start("swap", { smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 1 })
      .act("addToSwap", { folio: 0 })
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 })
      .act("swapIn", { mm: 0, entry: 1, write: false })
      .act("swapIn", { mm: 0, entry: 2, write: false });
    expect(some.kinds(0)).toBe("-rrs");
    const written = some.act("writeFault", { mm: 0, entry: 1 });
    expect([written.entries(0), written.folio().swapcache]).toEqual(["- 1.0 0.2 -", true]);
  });

  it("A fault on a swap entry whose folio is in the swap cache leaves the swap cache with its folio when the last page that is mapped is copied", () => {
    const last = start("swap", { smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 1 })
      .act("addToSwap", { folio: 0 })
      .act("unmap", { mm: 0, vma: 0, first: 1, count: 3 });
    const copied = last.act("writeFault", { mm: 0, entry: 0 });
    expect(copied.entries(0)).toBe("1.0 - - -");
    expect([copied.folio(), cachedIn(copied)]).toEqual([start("swap").folio(), [0, 0, 0, 0]]);
  });

  it.each([
    { name: "v7.1", kind: "a0" },
    { name: "v6.18", kind: "a0w" },
  ] as const)(
    "A fault on a swap entry whose folio is in the swap cache frees its swap on a write when there is no other reference, and maps it as $kind in $name",
    (given) => {
      const state = kernelStateWith({
        folios: [folioWith({ nrPages: 1, anon: true, refcount: 2, swapcache: true })],
        ptes: ["s0"],
        swapCounts: [1],
      });
      const [mm] = state.mms as [Mm];
      const [folio] = state.folios as [Folio];
      freshKernel("", given.name).doSwapPage(state, mm, mm.vmas[0] as Vma, 0, folio, true);
      expect(mm.vmas[0]?.ptes).toEqual(ptesOf(given.kind));
      expect(folio).toMatchObject({ refcount: 1, swapcache: false });
      // In 7.1 the fault goes on to do_wp_page(), which makes it exclusive.
      expect(folio.pages[0]).toMatchObject({ anonExclusive: given.name === "v6.18", mapcount: 0 });
    },
  );

  it("A fault on a swap entry whose folio is in the swap cache never finds the page exclusive: it warns", () => {
    const warned = (exclusive: boolean): number => {
      const kernel = freshKernel();
      const state = kernelStateWith({
        folios: [folioWith({ nrPages: 1, anon: true, refcount: 3, swapcache: true, exclusive: [exclusive] })],
        ptes: ["s0"],
        swapCounts: [1],
      });
      const [mm] = state.mms as [Mm];
      kernel.doSwapPage(state, mm, mm.vmas[0] as Vma, 0, state.folios[0] as Folio, false);
      return kernel.warnings.first;
    };
    expect([warned(false), warned(true)]).toEqual([0, Warning.exclusiveInSwap]);
  });
});

describe("A write that may have to copy, where there is no folio for a copy", () => {
  const full = { smallFolios: 0, folios: 1 };

  it("A write that may have to copy, where there is no folio for a copy is not enabled while the folio is in the swap cache: checking whether it can be reused may change it", () => {
    const alone = start("swap", full)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("exit", { mm: 1 });
    expect(alone.isEnabled("writeFault", { mm: 0, entry: 0 })).toBe(true);
    expect(alone.act("addToSwap", { folio: 0 }).isEnabled("writeFault", { mm: 0, entry: 0 })).toBe(false);
  });

  it("A write that may have to copy, where there is no folio for a copy is not enabled as a fault on a swap entry, but reading is", () => {
    const session = unmapped("", full);
    expect(session.isEnabled("swapIn", { mm: 0, entry: 0, write: true })).toBe(false);
    expect(session.isEnabled("swapIn", { mm: 0, entry: 0, write: false })).toBe(true);
  });
});

describe("A fault on a swap entry whose folio is gone", () => {
  it.each(configs)(
    "A fault on a swap entry whose folio is not in the swap cache reads one page into a small folio of the swap cache ($config)",
    ({ config }) => {
      const session = swappedOut(config).act("swapIn", { mm: 0, entry: 2, write: false });
      expect([session.entries(0), session.kinds(0)]).toEqual(["- - 1.0 -", "SSwS"]);
      expect(session.folio(1)).toMatchObject({ nrPages: 1, refcount: 2, anon: true, swapcache: true, swap: 2 });
      expect([session.exclusive(1), counts(session), cachedIn(session)]).toEqual(["x", [1, 1, 0, 1], [0, 0, 2, 0]]);
    },
  );

  it("A write fault on a swap entry whose folio is not in the swap cache makes the page exclusive, and removes it from the swap cache", () => {
    const session = swappedOut().act("swapIn", { mm: 0, entry: 2, write: true });
    expect(session.folio(1)).toMatchObject({ refcount: 1, swapcache: false });
    expect(counts(session)).toEqual([1, 1, 0, 1]);
  });

  it("A fault on a swap entry maps the page read-only while a second entry refers to the slot, whose fault then uses the swap cache", () => {
    const shared = swappedOut().act("fork", { parent: 0, child: 1 }).act("swapIn", { mm: 1, entry: 2, write: false });
    expect([shared.kinds(0), shared.kinds(1), shared.exclusive(1)]).toEqual(["ssss", "ssrs", "-"]);
    const both = shared.act("swapIn", { mm: 0, entry: 2, write: false });
    expect([both.entries(0), both.entries(1), both.folio(1).refcount]).toEqual(["- - 1.0 -", "- - 1.0 -", 3]);
    expect(both.folio(1).pages[0]?.mapcount).toBe(1);
  });

  it("A fault on a swap entry whose folio is not in the swap cache requires a free folio", () => {
    const full = swappedOut("", { smallFolios: 0 })
      .act("newMm", { mm: 1 })
      .act("anonFault", { mm: 1, first: 0, pages: 1 });
    expect(full.isEnabled("swapIn", { mm: 0, entry: 2, write: false })).toBe(false);
  });
});

describe("Unmapping swap entries", () => {
  it.each([1, 2, 4])(
    "Unmapping swap entries %d at a time frees the slots, and the folio with the last of them",
    (count) => {
      let session = unmapped();
      for (let first = 0; first < 4; first += count) {
        expect(session.folio().allocated).toBe(true);
        session = session.act("unmap", { mm: 0, vma: 0, first, count });
      }
      expect(session.folio()).toEqual(start("swap").folio());
      expect([counts(session), cachedIn(session)]).toEqual([
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]);
    },
  );

  it("Unmapping swap entries keeps the folio in the swap cache while another MM maps it", () => {
    const session = start("swap", { smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("addToSwap", { folio: 0 })
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("exit", { mm: 0 });
    expect(session.folio()).toMatchObject({ swapcache: true, refcount: 8, largeMapcount: 3 });
    expect(counts(session)).toEqual([0, 0, 0, 0]);
    expect(session.act("exit", { mm: 1 }).world.folios).toEqual(start("swap", { smallFolios: 3 }).world.folios);
  });

  it("Unmapping swap entries without folios frees the slots and their contents", () => {
    const session = start("swap", { smallFolios: 3 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("store", { mm: 0, entry: 2, value: 1 })
      .act("addToSwap", { folio: 0 })
      .act("tryToUnmap", { folio: 0, mm: 0 })
      .act("swapOut", { folio: 0 });
    expect(session.world.swapSlots[2]).toMatchObject({ count: 1, content: 1 });
    expect(session.act("exit", { mm: 0 }).world.swapSlots).toEqual(start("swap").world.swapSlots);
  });

  it("Unmapping swap entries of several folios frees each that no entry needs any more", () => {
    const small = (swap: number) => folioWith({ nrPages: 1, anon: true, refcount: 1, swapcache: true, swap });
    const state = kernelStateWith({ folios: [small(0), small(1), small(2)], swapCounts: [2, 1, 1] });
    freshKernel().freeSwapAndCacheNr(state, 0, 3);
    expect(state.folios.map((folio) => folio.swapcache)).toEqual([true, false, false]);
    expect(state.swapSlots.map((slot) => slot.count)).toEqual([1, 0, 0]);
  });
});

describe("A folio of the swap cache that a PMD maps", () => {
  const mapped = cached("", { pmd: 1 });

  it("A folio of the swap cache that a PMD maps is freed with its mapping if no swap entry refers to it", () => {
    expect(mapped.pmd(0)).toBe("0 w");
    const gone = mapped.act("exit", { mm: 0 });
    expect([gone.folio().allocated, cachedIn(gone)]).toEqual([false, [0, 0, 0, 0]]);
  });

  it.each(configs)(
    "A folio of the swap cache that a PMD maps is unmapped page by page after its PMD was split ($config)",
    ({ config }) => {
      const session = unmapped(config, { pmd: 1 });
      expect([session.pmd(0), session.kinds(0), session.exclusive()]).toEqual(["-", "SSSS", "----"]);
      expect(session.folio()).toMatchObject({ refcount: 4, largeMapcount: -1, entireMapcount: -1 });
      expect(session.stats).toEqual(statsWith());
      const back = session.act("swapIn", { mm: 0, entry: 3, write: true });
      expect([back.pmd(0), back.kinds(0), back.folio().swapcache]).toEqual(["-", "wwww", false]);
    },
  );

  it.each([
    { what: "it can be taken out of the swap cache", counts: [0, 0, 0, 0], folio: {}, reuse: true, left: 1 },
    { what: "a swap entry needs it", counts: [0, 0, 1, 0], folio: {}, reuse: false, left: 5 },
    { what: "there are other references", counts: [0, 0, 0, 0], folio: { refcount: 6 }, reuse: false, left: 6 },
    { what: "it is locked", counts: [0, 0, 0, 0], folio: { locked: true }, reuse: false, left: 5 },
  ])(
    "A folio of the swap cache that a PMD maps is reused as a whole: $reuse, when $what",
    ({ counts: swapCounts, folio: given, reuse, left }) => {
      const state = kernelStateWith({
        folios: [folioWith({ anon: true, swapcache: true, refcount: 5, mapcount: 1, entireMapcount: 0, ...given })],
        swapCounts,
      });
      const [folio] = state.folios as [Folio];
      expect(freshKernel().hugePmdCanReuse(state, folio)).toBe(reuse);
      expect(folio.refcount).toBe(left);
    },
  );
});

describe("The swap cache", () => {
  const state = (folio: GivenFolio, swapCounts: readonly number[]): [KernelState, Folio] => {
    const made = kernelStateWith({
      folios: [folioWith({ anon: true, swapcache: true, refcount: 5, ...folio })],
      swapCounts,
    });
    return [made, made.folios[0] as Folio];
  };
  const none = [0, 0, 0, 0];

  it.each([
    { what: "no swap entry needs it", folio: {}, swapCounts: none, freed: true },
    { what: "a swap entry needs its last page", folio: {}, swapCounts: [0, 0, 0, 1], freed: false },
    { what: "it is not there", folio: { swapcache: false }, swapCounts: none, freed: false },
  ])("The swap cache releases a folio: $freed, when $what", ({ folio: given, swapCounts, freed }) => {
    const [made, folio] = state(given, swapCounts);
    expect(freshKernel().folioFreeSwap(made, folio)).toBe(freed);
    expect(folio).toMatchObject({ swapcache: !freed && given.swapcache !== false, refcount: freed ? 1 : 5 });
  });

  it.each([
    { what: "unmapped", folio: {}, freed: true },
    { what: "still mapped", folio: { mapcount: 1 }, freed: false },
    { what: "locked", folio: { locked: true }, freed: false },
  ])("The swap cache of an unmapped folio is freed: $freed when $what", ({ folio: given, freed }) => {
    const [made, folio] = state(given, none);
    freshKernel().freeSwapCache(made, folio);
    expect(folio.swapcache).toBe(!freed);
  });

  it("The swap cache is tried to be freed for a write, when only it and the caller have references", () => {
    const kernel = freshKernel();
    const [, folio] = state({}, none);
    expect(kernel.shouldTryToFreeSwap(folio, 1, true)).toBe(true);
    expect(kernel.shouldTryToFreeSwap(folio, 1, false)).toBe(false);
    expect(kernel.shouldTryToFreeSwap({ ...folio, refcount: 6 }, 1, true)).toBe(false);
    expect(kernel.shouldTryToFreeSwap({ ...folio, swapcache: false }, 1, true)).toBe(false);
  });

  it("The swap cache is left explicitly only where no swap entry is", () => {
    expect(cached().act("freeSwap", { folio: 0 }).folio()).toMatchObject({ swapcache: false, refcount: 4 });
    expect(unmapped().isEnabled("freeSwap", { folio: 0 })).toBe(false);
  });
});

describe("A batch of swap entries", () => {
  it.each([
    { words: "s0 s1 s2 s3", first: 0, end: 4, nr: 4, why: "consecutive slots" },
    { words: "s0 s1 s2 s3", first: 1, end: 3, nr: 2, why: "up to the end of the range" },
    { words: "s0 s2 s3 s1", first: 0, end: 4, nr: 1, why: "up to another slot" },
    { words: "s0x s1x s2 s3", first: 0, end: 4, nr: 2, why: "all exclusive" },
    { words: "s0 s1 a0 s3", first: 0, end: 4, nr: 2, why: "up to a present entry" },
    { words: "s0 s1 a2i s3", first: 0, end: 4, nr: 2, why: "up to a migration entry" },
    { words: "s0 s1 - s3", first: 0, end: 4, nr: 2, why: "up to none" },
  ])("A batch of swap entries has $nr of $words from $first: $why", ({ words, first, end, nr }) => {
    expect(freshKernel().swapPteBatch(ptesOf(words), first, end)).toBe(nr);
  });

  const folio = folioWith({ nrPages: 2, swapcache: true, swap: 2 });
  it.each([
    { words: "- s2 s3 -", first: 1, complete: true },
    { words: "- s2x s3x -", first: 1, complete: true },
    { words: "- s2x s3 -", first: 1, complete: false },
    { words: "- s0 s1 -", first: 1, complete: false },
    { words: "- s3 s2 -", first: 1, complete: false },
    { words: "- - - s2", first: 3, complete: false },
    { words: "s3 - - -", first: -1, complete: false },
    { words: "a0 s3 - -", first: 0, complete: false },
  ])(
    "A batch of swap entries is a whole folio in slots 2 and 3: $complete, at $first of $words",
    ({ words, first, complete }) => {
      const ptes: readonly Pte[] = ptesOf(words);
      expect(freshKernel().swappedOutCompletely(ptes, first, folio)).toBe(complete);
    },
  );
});

describe("Reclaim of a folio that is in the swap cache", () => {
  it.each([
    { what: "there are no other references", folio: {}, freed: true },
    { what: "it is mapped", folio: { mapcount: 1 }, freed: false },
    { what: "it is pinned", folio: { pincount: 1 }, freed: false },
    { what: "there are other references", folio: { refcount: 5 }, freed: false },
  ])("Reclaim of a folio that is in the swap cache frees it: $freed, when $what", ({ folio: given, freed }) => {
    const state = kernelStateWith({
      folios: [folioWith({ anon: true, swapcache: true, refcount: 4, ...given })],
      swapCounts: [1, 1, 1, 1],
    });
    const [folio] = state.folios as [Folio];
    expect(freshKernel().shrinkFolioRemoveMapping(state, folio)).toBe(freed);
    expect(folio.allocated).toBe(!freed);
  });

  it("Reclaim takes a small folio with many references for pinned", () => {
    const state = kernelStateWith({
      folios: [folioWith({ nrPages: 1, anon: true, refcount: 16, mapcount: 0 })],
      swapCounts: [0],
    });
    expect(freshKernel().shrinkFolioAddToSwap(state, state.folios[0] as Folio)).toBe(false);
  });
});
