import { describe, expect, it } from "vitest";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import type { Folio } from "../../model/state/structs.ts";
import { freshKernel, kernelIn, start, type WorldSession } from "./session.ts";
import { folioWith, type GivenFolio, kernelStateWith, ptesOf, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];

/** Session with a folio of 4 pages that a PMD maps. */
const faulted = (config = "", bounds = {}, kernel?: Kernel): WorldSession =>
  start("split", bounds, config, kernel).act("anonFault", { mm: 0, first: 0, pages: 4 });

const split = (session: WorldSession, walk = "0,1"): WorldSession => session.act("split", { folio: 0, walk });
const shrink = (session: WorldSession, walk = "0,1"): WorldSession => session.act("shrinkDeferred", { walk });
const unmap = (first: number, count = 1, mm = 0) => ({ mm, vma: 0, first, count });

describe("Splitting a folio", () => {
  it.each(configs)(
    "Splitting a folio that PTEs map makes each page a separate folio, mapped as before ($config)",
    ({ config }) => {
      const before = start("split", {}, config).act("anonFault", { mm: 0, first: 2, pages: 2 });
      const after = split(before);
      expect([before.entries(0), after.entries(0), after.kinds(0)]).toEqual(["- - 0.0 0.1", "- - 0.0 1.0", "--ww"]);
      for (const folio of [0, 1]) {
        expect(after.folio(folio)).toMatchObject({ nrPages: 1, refcount: 1, anon: true, largeMapcount: -1 });
        expect([after.pageMapcounts(folio)[0], after.exclusive(folio)[0]]).toEqual([1, "x"]);
        expect(after.tracking(folio)).toBe("free | free | exclusive");
      }
      expect(after.stats).toEqual(before.stats);
    },
  );

  it.each(configs)("Splitting a folio that a PMD maps replaces it by PTEs ($config)", ({ config }) => {
    const after = split(faulted(config));
    expect([after.pmd(0), after.entries(0), after.kinds(0)]).toEqual(["-", "0.0 3.0 2.0 1.0", "wwww"]);
    expect([0, 1, 2, 3].map((folio) => after.folio(folio).refcount)).toEqual([1, 1, 1, 1]);
    expect(after.stats).toEqual(statsWith({ nrAnonMapped: 4 }));
    expect(after.folio()).toMatchObject({ onDeferredList: false, entireMapcount: -1, nrPagesMapped: 0 });
  });

  it("Splitting a folio of several MMs leaves each page shared, as it was", () => {
    const shared = start("split")
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", unmap(1, 1, 1));
    const after = split(shared);
    expect([after.entries(0), after.kinds(0), after.entries(1), after.kinds(1)]).toEqual([
      ...["0.0 1.0 - -", "rr--", "0.0 - - -", "r---"],
    ]);
    expect([after.folio(0).refcount, after.folio(1).refcount]).toEqual([2, 1]);
    expect([after.verdict(0), after.verdict(1)]).toEqual(["maybe shared", "exclusive"]);
    expect([after.exclusive(0), after.exclusive(1)]).toEqual(["----", "-"]);
  });

  it.each(configs)("Splitting a folio frees the pages that no MM maps ($config)", ({ config }) => {
    const after = split(faulted(config).act("unmap", unmap(1, 2)));
    expect([after.entries(0), after.kinds(0)]).toEqual(["0.0 - - 1.0", "w--w"]);
    expect(after.world.folios.map((folio) => folio.allocated)).toEqual([true, true, false, false]);
    expect(after.stats.nrAnonMapped).toBe(2);
  });

  it("Splitting a folio frees the first page with the caller's reference when no MM maps it", () => {
    const after = split(faulted().act("unmap", unmap(0)));
    expect(after.entries(0)).toBe("- 3.0 2.0 1.0");
    expect(after.folio(0)).toEqual(start("split").folio());
  });

  it("Splitting a folio moves the contents of the pages", () => {
    const after = split(faulted().act("store", { mm: 0, entry: 2, value: 1 }));
    expect(after.world.folios.map((folio) => folio.pages[0]?.content)).toEqual([0, 0, 1, 0]);
    expect(after.folio(0).pages.map((page) => page.content)).toEqual([0, 0, 0, 0]);
  });

  it.each(configs)(
    "Splitting a folio fails, and changes nothing, while there is another reference ($config)",
    ({ config }) => {
      const held = faulted(config, { holders: 1 }).act("tryGet", { folio: 0 });
      expect(split(held).world).toEqual(held.world);
      const ptes = held.act("unmap", unmap(1));
      expect(split(ptes).world).toEqual(ptes.world);
    },
  );

  it("Splitting a folio needs room for its pages, and an anon folio of two pages or more", () => {
    expect(faulted("", { smallFolios: 2 }).isEnabled("split", { folio: 0, walk: "0,1" })).toBe(false);
    const small = start("split").act("anonFault", { mm: 0, first: 0, pages: 1 });
    expect(small.isEnabled("split", { folio: 0, walk: "0,1" })).toBe(false);
  });
});

describe("Splitting a folio that PMDs of two MMs map", () => {
  const shared = faulted().act("fork", { parent: 0, child: 1 });

  it.each(["0,1", "1,0"])(
    "Splitting a folio that PMDs of two MMs map replaces both by PTEs if the walk visits the MMs in the order %s",
    (walk) => {
      const after = split(shared, walk);
      expect([after.pmd(0), after.pmd(1)]).toEqual(["-", "-"]);
      expect([after.entries(0), after.entries(1)]).toEqual(["0.0 3.0 2.0 1.0", "0.0 3.0 2.0 1.0"]);
      expect([0, 1, 2, 3].map((folio) => after.folio(folio).refcount)).toEqual([2, 2, 2, 2]);
    },
  );

  it("Splitting a folio that PMDs of two MMs map fails when the walk ends with the first PMD that it splits (until 939080834fef)", () => {
    const kernel = kernelIn("", "split-pmd-ends-walk");
    const forked = faulted("", {}, kernel).act("fork", { parent: 0, child: 1 });
    expect(() => split(forked)).toThrow(`raised warning ${Warning.notSplit}`);
  });
});

describe("Splitting a folio in the kernel", () => {
  const cached: GivenFolio = {
    ...{ anon: true, swapcache: true, swap: 4, refcount: 7, mapcount: 2, slots: ["A2", "-"], nrPagesMapped: 2 },
    ...{ pageMapcounts: [1, 0, 0, 1], exclusive: [true, false, false, false] },
  };
  const machine = (folio: GivenFolio) =>
    kernelStateWith({
      folios: [
        folioWith(folio),
        ...Array.from({ length: 3 }, () => folioWith({ nrPages: 1, allocated: false, refcount: 0 })),
      ],
      ptes: ["a0w - - a3"],
      swapCounts: [0, 0, 0, 0, 0, 0, 1, 0],
    });

  it("Splitting a folio in the kernel in the swap cache gives each page its slot and a reference of the swap cache", () => {
    const made = machine(cached);
    expect(freshKernel().splitFolio(made, made.folios[0] as Folio, [0])).toBe(true);
    expect(made.mms[0]?.vmas[0]?.ptes).toEqual(ptesOf("a0w - - b0"));
    // Its mapping's, the swap cache's and the caller's.
    expect(made.folios[0]).toMatchObject({ nrPages: 1, swapcache: true, swap: 4, refcount: 3 });
    expect(made.folios[1]).toMatchObject({ nrPages: 1, swapcache: true, swap: 7, refcount: 2, anon: true });
    expect(made.folios[2]).toMatchObject({ nrPages: 1, swapcache: true, swap: 6, refcount: 1 });
    // Nobody maps the second page, and no swap entry needs it.
    expect(made.folios[3]).toMatchObject({ allocated: false, swapcache: false, refcount: 0 });
    expect(made.swapSlots.map((slot) => slot.folio)).toEqual([0, 0, 0, 0, 1, 0, 3, 2]);
    expect(made.folios[0]?.pages[0]).toMatchObject({ anonExclusive: true, mapcount: 0 });
  });

  it("Splitting a folio in the kernel restores everything when a page may be pinned", () => {
    const pinned = { ...cached, swapcache: false, swap: 0, refcount: 3, pincount: 1 };
    const made = machine(pinned);
    const kernel = freshKernel();
    expect(kernel.splitFolio(made, made.folios[0] as Folio, [0])).toBe(false);
    expect(made.folios[0]).toEqual(folioWith(pinned));
    expect(made.mms[0]?.vmas[0]?.ptes).toEqual(ptesOf("a0w - - a3"));
    expect(kernel.warnings.first).toBe(0);
  });

  it.each([
    { what: "an anon folio", folio: { anon: true, refcount: 3, mapcount: 2 }, pins: 1, can: true },
    { what: "one more reference", folio: { anon: true, refcount: 4, mapcount: 2 }, pins: 1, can: false },
    { what: "the caller has none", folio: { anon: true, refcount: 3, mapcount: 2 }, pins: 0, can: false },
    { what: "the swap cache", folio: { anon: true, refcount: 7, mapcount: 2, swapcache: true }, pins: 1, can: true },
    { what: "the page cache", folio: { inPageCache: true, refcount: 7, mapcount: 2 }, pins: 1, can: true },
  ])(
    "Splitting a folio in the kernel can: $can, with $what and $pins references of the caller",
    ({ folio, pins, can }) => {
      expect(freshKernel().canSplitFolio(folioWith(folio), pins)).toBe(can);
    },
  );
});

describe("The deferred split queue", () => {
  it("The deferred split queue takes a folio that is not known to be partially mapped, too; then the flag is not set", () => {
    const folio = folioWith({ anon: true });
    freshKernel().deferredSplitFolio(folio, false);
    expect(folio).toMatchObject({ onDeferredList: true, partiallyMapped: false });
    freshKernel().deferredSplitFolio(folio, true);
    expect(folio).toMatchObject({ onDeferredList: true, partiallyMapped: true });
  });

  it.each([
    { what: "of order 1", folio: { nrPages: 2 }, config: "" },
    { what: "in the swap cache", folio: { swapcache: true }, config: "" },
    { what: "without CONFIG_TRANSPARENT_HUGEPAGE", folio: {}, config: "no-mm-id" },
  ])("The deferred split queue takes none $what", ({ folio: given, config }) => {
    const folio = folioWith({ anon: true, ...given });
    freshKernel(config).deferredSplitFolio(folio, true);
    expect(folio).toMatchObject({ onDeferredList: false, partiallyMapped: false });
  });
});

describe("The shrinker of the deferred split queue", () => {
  it.each(configs)(
    "The shrinker of the deferred split queue splits a partially mapped folio, and its unmapped pages are free ($config)",
    ({ config }) => {
      const partial = faulted(config).act("unmap", unmap(1));
      expect(partial.folio()).toMatchObject({ onDeferredList: true, partiallyMapped: true });
      const after = shrink(partial);
      expect([after.entries(0), after.kinds(0)]).toEqual(["0.0 - 2.0 1.0", "w-ww"]);
      expect(after.world.folios.map((folio) => folio.allocated)).toEqual([true, true, true, false]);
      expect(after.folio()).toMatchObject({ onDeferredList: false, partiallyMapped: false, refcount: 1 });
    },
  );

  it("The shrinker of the deferred split queue drops a folio from the queue that is mapped completely", () => {
    const after = shrink(faulted());
    expect(after.pmd(0)).toBe("0 w");
    expect(after.folio()).toMatchObject({ onDeferredList: false, refcount: 1, nrPages: 4 });
    expect(after.isEnabled("shrinkDeferred", { walk: "0,1" })).toBe(false);
  });

  it("The shrinker of the deferred split queue keeps a partially mapped folio queued that it cannot split", () => {
    const held = faulted("", { holders: 1 }).act("unmap", unmap(1)).act("tryGet", { folio: 0 });
    expect(shrink(held).world).toEqual(held.world);
  });

  it("The shrinker of the deferred split queue runs when one folio is queued, so that there is room for its pages: a bound of the model", () => {
    const one = start("split", { folios: 2, smallFolios: 4 }).act("anonFault", { mm: 0, first: 0, pages: 4 });
    const two = one.act("newMm", { mm: 1 }).act("anonFault", { mm: 1, first: 0, pages: 4 });
    expect([one, two].map((each) => each.isEnabled("shrinkDeferred", { walk: "0,1" }))).toEqual([true, false]);
  });

  it("The shrinker of the deferred split queue does not split a locked folio, which stays queued", () => {
    const pagesAfter = [true, false].map((locked) => {
      const queued = { anon: true, onDeferredList: true, partiallyMapped: true, mapcount: 1, locked };
      const machine = kernelStateWith({
        folios: [
          folioWith({ ...queued, slots: ["A1", "-"] }),
          ...Array.from({ length: 3 }, () => folioWith({ nrPages: 1, allocated: false, refcount: 0 })),
        ],
        ptes: ["a0w"],
      });
      Object.assign(machine.folios[0]?.pages[0] as object, { anonExclusive: true });
      freshKernel("no-page-mapcount").deferredSplitScan(machine, [0]);
      return [machine.folios[0]?.nrPages, machine.folios[0]?.onDeferredList, machine.folios[0]?.refcount];
    });
    expect(pagesAfter).toEqual([
      [4, true, 1],
      [1, false, 1],
    ]);
  });
});

describe("A folio of PMD size that loses pages", () => {
  it.each(configs)(
    "A folio of PMD size that loses pages is partially mapped when its PMD is split, and never fully again ($config)",
    ({ config }) => {
      const partial = faulted(config).act("unmap", unmap(3));
      expect(partial.folio()).toMatchObject({ onDeferredList: true, partiallyMapped: true });
      const freed = partial.act("unmap", unmap(0, 3));
      expect(freed.world.folios).toEqual(start("split", {}, config).world.folios);
    },
  );

  it("A folio of PMD size is temporarily partially mapped while a failed split has unmapped one MM, and stays marked", () => {
    // A reference that comes after the first look at them makes the split fail.
    const kernel = kernelIn("no-page-mapcount", "split-without-early-test");
    const half = faulted("no-page-mapcount", { holders: 1 }, kernel)
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", unmap(2, 2, 1));
    const failed = split(half.act("tryGet", { folio: 0 }));
    expect(failed.folio()).toMatchObject({ nrPages: 4, largeMapcount: 5, entireMapcount: -1 });
    expect(failed.folio().partiallyMapped).toBe(true);
  });
});
