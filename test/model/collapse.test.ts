import { describe, expect, it } from "vitest";
import type { Folio, KernelState, Vma } from "../../model/state/structs.ts";
import { freshKernel, start, type WorldSession } from "./session.ts";
import { folioWith, type GivenFolio, kernelStateWith, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];
const collapse = (session: WorldSession, maxPtesShared = 0): WorldSession =>
  session.act("collapse", { mm: 0, maxPtesShared });

describe("Collapsing the pages of a VMA", () => {
  it.each(configs)(
    "Collapsing the pages of a VMA copies them into a new folio that a PMD maps, exclusively ($config)",
    ({ config }) => {
      const before = start("pmd", { folios: 2 }, config)
        .act("anonFault", { mm: 0, first: 0, pages: 2 })
        .act("anonFault", { mm: 0, first: 3, pages: 1 });
      const after = collapse(before);
      expect([after.pmd(0), after.entries(0)]).toEqual(["1 w", "- - - -"]);
      expect(after.folio(1)).toMatchObject({ nrPages: 4, refcount: 1, entireMapcount: 0, largeMapcount: 0 });
      expect(after.folio(1)).toMatchObject({ onDeferredList: true, partiallyMapped: false });
      expect(after.exclusive(1)).toBe("x---");
      expect(after.world.folios.map((folio) => folio.allocated)).toEqual([false, true, false, false]);
      expect(after.stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
      expect(after.tracking(1)).toBe("mm 0: 1 | free | exclusive");
    },
  );

  it("Collapsing the pages of a VMA removes the mappings of a large folio in batches, and queues it as partially mapped", () => {
    const shared = start("pmd", { folios: 2 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", { mm: 0, vma: 0, first: 1, count: 1 })
      .act("unmap", { mm: 1, vma: 0, first: 0, count: 2 });
    expect([shared.entries(0), shared.entries(1)]).toEqual(["0.0 - 0.2 0.3", "- - 0.2 0.3"]);
    const after = collapse(shared, 4);
    expect([after.pmd(0), after.entries(1)]).toEqual(["1 w", "- - 0.2 0.3"]);
    expect(after.folio(0)).toMatchObject({ refcount: 2, largeMapcount: 1, partiallyMapped: true });
    expect(after.tracking(0)).toBe("free | mm 1: 2 | exclusive");
  });

  it("Collapsing the pages of a VMA is refused with more maybe shared pages than khugepaged may take; MADV_COLLAPSE may take all", () => {
    const shared = start("pmd", { folios: 2 })
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("fork", { parent: 0, child: 1 });
    expect(shared.isEnabled("collapse", { mm: 0, maxPtesShared: 0 })).toBe(false);
    expect(collapse(shared, 4).pmd(0)).toBe("1 w");
    expect(collapse(shared.act("exit", { mm: 1 }), 0).pmd(0)).toBe("1 w");
  });

  it("Collapsing the pages of a VMA is refused while a page has another reference, and where a PMD or nothing is mapped", () => {
    const session = start("pmd", { folios: 2, holders: 1 }).act("anonFault", { mm: 0, first: 0, pages: 2 });
    const held = session.act("tryGet", { folio: 0 });
    expect(held.isEnabled("collapse", { mm: 0, maxPtesShared: 4 })).toBe(false);
    expect(held.act("put", { holder: 0 }).isEnabled("collapse", { mm: 0, maxPtesShared: 4 })).toBe(true);
    const empty = start("pmd", { folios: 2 });
    expect(empty.isEnabled("collapse", { mm: 0, maxPtesShared: 4 })).toBe(false);
    const pmd = empty.act("anonFault", { mm: 0, first: 0, pages: 4 });
    expect(pmd.isEnabled("collapse", { mm: 0, maxPtesShared: 4 })).toBe(false);
    expect(session.isEnabled("collapse", { mm: 1, maxPtesShared: 4 })).toBe(false);
  });

  it("Collapsing the pages of a VMA needs a free folio of PMD size", () => {
    const full = start("pmd", { folios: 1 }).act("anonFault", { mm: 0, first: 0, pages: 2 });
    expect(full.isEnabled("collapse", { mm: 0, maxPtesShared: 4 })).toBe(false);
  });
});

describe("Whether pages may be collapsed", () => {
  const mine: GivenFolio = { nrPages: 2, anon: true, refcount: 2, mapcount: 2, slots: ["A2", "-"] };
  const isolate = (folio: GivenFolio, ptes: string, maxPtesShared = 0): boolean => {
    const state: KernelState = kernelStateWith({ folios: [folioWith(folio)], ptes: [ptes], swapCounts: [1] });
    return freshKernel().collapseHugePageIsolate(state, state.mms[0]?.vmas[0] as Vma, maxPtesShared);
  };

  it.each([
    { may: true, what: "present and none", folio: mine, ptes: "a0w - a1w -" },
    { may: false, what: "a swap entry", folio: mine, ptes: "a0w s0 a1w -" },
    { may: false, what: "a migration entry", folio: mine, ptes: "a0w a1i - -" },
    { may: false, what: "a page with another reference", folio: { ...mine, refcount: 3 }, ptes: "a0w a1w - -" },
    { may: false, what: "a pinned page", folio: { ...mine, refcount: 3, pincount: 1 }, ptes: "a0w a1w - -" },
    { may: false, what: "a locked folio", folio: { ...mine, locked: true }, ptes: "a0w a1w - -" },
    {
      may: true,
      what: "a folio in the swap cache",
      folio: { ...mine, refcount: 4, swapcache: true },
      ptes: "a0 a1 - -",
    },
  ])("Whether pages may be collapsed: $may, $what", ({ may, folio, ptes }) => {
    expect(isolate(folio, ptes)).toBe(may);
  });

  it("Whether pages may be collapsed: counts each page of a folio that is maybe shared", () => {
    const shared: GivenFolio = { ...mine, mapcount: 4, refcount: 4, mmIdsShared: true };
    expect([0, 1, 2].map((max) => isolate(shared, "a0 a1 - -", max))).toEqual([false, false, true]);
    expect(isolate(shared, "a0 - - -", 1)).toBe(true);
  });
});

describe("The collapse itself", () => {
  it("A collapse copies the contents of the pages to the same positions, and removes unmapped folios from the swap cache", () => {
    const content = (folio: Folio, page: number): void => {
      Object.assign(folio.pages[page] as object, { content: 1 });
    };
    const state = kernelStateWith({
      folios: [
        folioWith({ nrPages: 2, anon: true, refcount: 4, mapcount: 2, slots: ["A2", "-"], swapcache: true }),
        folioWith({ hpagePmdNr: 4 }),
      ],
      ptes: ["- a1 a0 -"],
      swapCounts: [0, 0],
    });
    const [src, dst] = state.folios as [Folio, Folio];
    const [mm] = state.mms as [(typeof state.mms)[0]];
    content(src, 0);
    freshKernel("no-page-mapcount").collapseHugePage(state, mm, mm.vmas[0] as Vma, dst);
    expect(dst.pages.map((page) => page.content)).toEqual([0, 0, 1, 0]);
    expect(src).toMatchObject({ allocated: false, swapcache: false, refcount: 0 });
    expect(mm.vmas[0]?.pmd).toEqual({ folio: 2, writable: true, migration: false, exclusive: false });
  });
});
