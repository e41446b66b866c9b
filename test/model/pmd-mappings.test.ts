import { describe, expect, it } from "vitest";
import { allCalls } from "../../model/kernel/call-node.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { recording } from "../../model/kernel/recording.ts";
import { ENTIRELY_MAPPED, type Folio, type Mm, type Vma } from "../../model/state/structs.ts";
import { freshKernel, start, type WorldSession } from "./session.ts";
import { folioWith, kernelStateWith, mmA, mmB, ptesOf, slotWords, statsWith } from "./structs.ts";

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];

describe("Adding a PMD mapping of a folio of 4 pages", () => {
  it.each([
    { config: "page-mapcount", nrPagesMapped: ENTIRELY_MAPPED },
    { config: "no-page-mapcount", nrPagesMapped: 0 },
  ])(
    "Adding a PMD mapping of a folio of 4 pages that is not mapped accounts all pages, as mapped and as PMD-mapped ($config)",
    ({ config, nrPagesMapped }) => {
      const stats = statsWith();
      const folio = folioWith();
      freshKernel(config).folioAddFileRmapPmd(stats, folio, mmA);
      expect(folio).toMatchObject({ entireMapcount: 0, largeMapcount: 0, nrPagesMapped });
      expect(folio.pages.every((page) => page.mapcount === -1)).toBe(true);
      expect(slotWords(folio)).toEqual(["A1", "-"]);
      expect(stats).toEqual(statsWith({ nrFileMapped: 4, nrFilePmdmapped: 4 }));
    },
  );

  it.each([
    { config: "page-mapcount", nrPagesMapped: ENTIRELY_MAPPED + 1, accounted: 3, what: "the pages that were not" },
    { config: "no-page-mapcount", nrPagesMapped: 1, accounted: 0, what: "no page again" },
  ])(
    "Adding a PMD mapping of a folio of 4 pages of which a page is PTE-mapped accounts $what ($config)",
    ({ config, nrPagesMapped, accounted }) => {
      const stats = statsWith();
      const folio = folioWith({ mapcount: 1, slots: ["A1", "-"], pageMapcounts: [0, 1], nrPagesMapped: 1 });
      freshKernel(config).folioAddFileRmapPmd(stats, folio, mmB);
      expect(folio).toMatchObject({ entireMapcount: 0, largeMapcount: 1, nrPagesMapped, mmIdsShared: true });
      expect(stats).toEqual(statsWith({ nrFileMapped: accounted, nrFilePmdmapped: 4 }));
    },
  );

  it.each(configs)(
    "Adding a PMD mapping of a folio of 4 pages that a PMD maps accounts nothing: only mapcounts rise ($config)",
    ({ config }) => {
      const stats = statsWith();
      const folio = folioWith({ mapcount: 1, slots: ["A1", "-"], entireMapcount: 0, nrPagesMapped: ENTIRELY_MAPPED });
      freshKernel(config).folioAddFileRmapPmd(stats, folio, mmB);
      expect(folio).toMatchObject({ entireMapcount: 1, largeMapcount: 1, nrPagesMapped: ENTIRELY_MAPPED });
      expect(slotWords(folio)).toEqual(["A1", "B1"]);
      expect(stats).toEqual(statsWith());
    },
  );

  it("Adding a PMD mapping of a folio of 4 pages of an anon folio accounts anon pages and makes the head page exclusive with RMAP_EXCLUSIVE", () => {
    for (const exclusive of [false, true]) {
      const stats = statsWith();
      const folio = folioWith({ anon: true });
      freshKernel().folioAddAnonRmapPmd(stats, folio, mmA, exclusive);
      expect(folio.pages.map((page) => page.anonExclusive)).toEqual([exclusive, false, false, false]);
      expect(stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
    }
  });
});

describe("Adding PTE mappings of a folio that a PMD maps", () => {
  it.each([
    { config: "page-mapcount", nrPagesMapped: ENTIRELY_MAPPED + 2 },
    { config: "no-page-mapcount", nrPagesMapped: ENTIRELY_MAPPED },
  ])(
    "Adding PTE mappings of a folio that a PMD maps accounts nothing: every page is mapped already ($config)",
    ({ config, nrPagesMapped }) => {
      const stats = statsWith();
      const folio = folioWith({ mapcount: 1, slots: ["A1", "-"], entireMapcount: 0, nrPagesMapped: ENTIRELY_MAPPED });
      freshKernel(config).folioAddFileRmapPtes(stats, folio, 1, 2, mmB);
      expect(folio).toMatchObject({ entireMapcount: 0, largeMapcount: 2, nrPagesMapped });
      expect(stats).toEqual(statsWith());
    },
  );
});

describe("Removing a PMD mapping", () => {
  const mapped = (ptes: number) =>
    folioWith({
      anon: true,
      mapcount: 1 + ptes,
      slots: ["A1", "-"],
      entireMapcount: 0,
      nrPagesMapped: ENTIRELY_MAPPED + ptes,
      pageMapcounts: [0, 1, 2, 3].map((page) => (page < ptes ? 1 : 0)),
    });

  it.each([
    { config: "page-mapcount", ptes: 0, left: 0, accounted: 4, queued: false },
    { config: "page-mapcount", ptes: 1, left: 1, accounted: 3, queued: true },
    { config: "page-mapcount", ptes: 3, left: 3, accounted: 1, queued: true },
    { config: "page-mapcount", ptes: 4, left: 4, accounted: 0, queued: false },
    { config: "no-page-mapcount", ptes: 0, left: ENTIRELY_MAPPED, accounted: 4, queued: false },
    { config: "no-page-mapcount", ptes: 1, left: ENTIRELY_MAPPED + 1, accounted: 0, queued: true },
    { config: "no-page-mapcount", ptes: 3, left: ENTIRELY_MAPPED + 3, accounted: 0, queued: true },
    { config: "no-page-mapcount", ptes: 4, left: ENTIRELY_MAPPED + 4, accounted: 0, queued: false },
  ])("Removing a PMD mapping the last, with $ptes PTEs left: $accounted pages, queued: $queued ($config)", (row) => {
    const stats = statsWith();
    const folio = mapped(row.ptes);
    freshKernel(row.config).folioRemoveRmapPmd(stats, folio, mmA);
    expect(folio).toMatchObject({ entireMapcount: -1, largeMapcount: row.ptes - 1, nrPagesMapped: row.left });
    expect(folio).toMatchObject({ onDeferredList: row.queued, partiallyMapped: row.queued });
    expect(stats).toEqual(statsWith({ nrAnonMapped: 0 - row.accounted, nrAnonThps: -4 }));
  });

  it.each(configs)("Removing a PMD mapping of two accounts nothing and is not partial ($config)", ({ config }) => {
    const stats = statsWith();
    const folio = folioWith({
      anon: true,
      mapcount: 2,
      slots: ["A1", "B1"],
      mmIdsShared: true,
      entireMapcount: 1,
      nrPagesMapped: ENTIRELY_MAPPED,
    });
    freshKernel(config).folioRemoveRmapPmd(stats, folio, mmB);
    expect(folio).toMatchObject({ entireMapcount: 0, largeMapcount: 0, nrPagesMapped: ENTIRELY_MAPPED });
    expect(folio).toMatchObject({ onDeferredList: false, mmIdsShared: false });
    expect(stats).toEqual(statsWith());
  });

  it("Removing a PMD mapping lowers the large mapcount before the entire mapcount with PAGE_MAPCOUNT, and after it without", () => {
    const entireMapcounts = configs.map(({ config }) => {
      const kernel = freshKernel(config);
      let seen = Number.NaN;
      const looking: Kernel = {
        ...kernel,
        folioSubReturnLargeMapcount(folio, diff, mm) {
          seen = (folio as ReturnType<typeof folioWith>).entireMapcount;
          return kernel.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        },
      };
      looking.folioRemoveRmapPmd(statsWith(), mapped(0), mmA);
      return seen;
    });
    expect(entireMapcounts).toEqual([0, -1]);
  });
});

describe("Removing PTE mappings of a folio that a PMD maps", () => {
  it.each([
    { config: "page-mapcount", nrPagesMapped: ENTIRELY_MAPPED + 1 },
    { config: "no-page-mapcount", nrPagesMapped: ENTIRELY_MAPPED + 2 },
  ])(
    "Removing PTE mappings of a folio that a PMD maps accounts nothing and is not partial ($config)",
    ({ config, nrPagesMapped }) => {
      const stats = statsWith();
      const folio = folioWith({
        anon: true,
        mapcount: 3,
        slots: ["A1", "B2"],
        mmIdsShared: true,
        entireMapcount: 0,
        nrPagesMapped: ENTIRELY_MAPPED + 2,
        pageMapcounts: [1, 1],
      });
      freshKernel(config).folioRemoveRmapPtes(stats, folio, 1, 1, mmB);
      expect(folio).toMatchObject({ entireMapcount: 0, largeMapcount: 1, nrPagesMapped, onDeferredList: false });
      expect(stats).toEqual(statsWith());
    },
  );
});

describe("The new anon rmap of a folio of PMD size", () => {
  it.each([
    { config: "page-mapcount", nrPagesMapped: ENTIRELY_MAPPED },
    { config: "no-page-mapcount", nrPagesMapped: 0 },
  ])(
    "The new anon rmap of a folio of PMD size is one mapping, and one exclusive page ($config)",
    ({ config, nrPagesMapped }) => {
      const stats = statsWith();
      const folio = folioWith({ hpagePmdNr: 4 });
      freshKernel(config).folioAddNewAnonRmap(stats, folio, mmB, true);
      expect(folio).toMatchObject({ anon: true, entireMapcount: 0, largeMapcount: 0, nrPagesMapped });
      expect(folio.pages.map((page) => page.mapcount + 1)).toEqual([0, 0, 0, 0]);
      expect(folio.pages.map((page) => page.anonExclusive)).toEqual([true, false, false, false]);
      expect(slotWords(folio)).toEqual(["B1", "-"]);
      expect(stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
    },
  );

  it.each([{ nrPages: 1 }, { nrPages: 4 }, { nrPages: 8 }])(
    "The new anon rmap of a folio of PMD size makes no page exclusive when it was read from swap ($nrPages pages of 8)",
    ({ nrPages }) => {
      const folio = folioWith({ nrPages, hpagePmdNr: 8 });
      freshKernel().folioAddNewAnonRmap(statsWith(), folio, mmA, false);
      expect(folio.pages.some((page) => page.anonExclusive)).toBe(false);
    },
  );

  it("The new anon rmap of a folio of PMD size is one of PTEs when the folio is smaller than a PMD", () => {
    const stats = statsWith();
    const folio = folioWith({ hpagePmdNr: 8 });
    freshKernel().folioAddNewAnonRmap(stats, folio, mmA, true);
    expect(folio).toMatchObject({ entireMapcount: -1, largeMapcount: 3, nrPagesMapped: 4 });
    expect(stats).toEqual(statsWith({ nrAnonMapped: 4 }));
  });
});

describe("Duplicating a PMD mapping for a child", () => {
  const mapped = (pincount = 0, headIsExclusive = true) =>
    folioWith({
      anon: true,
      mapcount: 1,
      slots: ["A1", "-"],
      entireMapcount: 0,
      nrPagesMapped: ENTIRELY_MAPPED,
      pincount,
      exclusive: [headIsExclusive, true, false, false],
    });

  it.each(configs)(
    "Duplicating a PMD mapping for a child takes exclusiveness from the head page; page mapcounts stay ($config)",
    ({ config }) => {
      const folio = mapped();
      expect(freshKernel(config).folioTryDupAnonRmapPmd(folio, mmB, mmA)).toBe(true);
      expect(folio).toMatchObject({ entireMapcount: 1, largeMapcount: 1, nrPagesMapped: ENTIRELY_MAPPED });
      expect(folio.pages.map((page) => page.anonExclusive)).toEqual([false, true, false, false]);
      expect(folio.pages.map((page) => page.mapcount)).toEqual([-1, -1, -1, -1]);
      expect(slotWords(folio)).toEqual(["A1", "B1"]);
    },
  );

  it("Duplicating a PMD mapping for a child fails, and changes nothing, when the parent ever pinned, the folio may be pinned and its head is exclusive", () => {
    const pinning = { ...mmA, hasPinned: true };
    const folio = mapped(1);
    expect(freshKernel().folioTryDupAnonRmapPmd(folio, mmB, pinning)).toBe(false);
    expect(folio).toEqual(mapped(1));
    expect(freshKernel().folioTryDupAnonRmapPmd(mapped(0), mmB, pinning)).toBe(true);
    expect(freshKernel().folioTryDupAnonRmapPmd(mapped(1), mmB, mmA)).toBe(true);
    expect(freshKernel().folioTryDupAnonRmapPmd(mapped(1, false), mmB, pinning)).toBe(true);
  });
});

const faulted = (config = "", bounds = {}, kernel?: Kernel): WorldSession =>
  start("pmd", bounds, config, kernel).act("anonFault", { mm: 0, first: 0, pages: 4 });
const onePage = { mm: 0, vma: 0, first: 1, count: 1 };

describe("An anon fault with a folio of PMD size", () => {
  it.each(configs)(
    "An anon fault with a folio of PMD size maps it by one writable PMD, with one reference, and queues it ($config)",
    ({ config }) => {
      const session = faulted(config);
      expect([session.pmd(0), session.entries(0)]).toEqual(["0 w", "- - - -"]);
      expect(session.folio()).toMatchObject({ refcount: 1, entireMapcount: 0, largeMapcount: 0 });
      expect(session.folio()).toMatchObject({ onDeferredList: true, partiallyMapped: false });
      expect(session.stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
      expect(session.act("exit", { mm: 0 }).world.folios).toEqual(start("pmd", {}, config).world.folios);
    },
  );

  it("An anon fault with a folio of PMD size needs a page table without any entry", () => {
    const small = start("pmd").act("anonFault", { mm: 0, first: 3, pages: 1 });
    expect(small.isEnabled("anonFault", { mm: 0, first: 0, pages: 4 })).toBe(false);
    expect(faulted().isEnabled("anonFault", { mm: 0, first: 0, pages: 1 })).toBe(false);
  });
});

describe("Splitting a PMD", () => {
  it.each(configs)(
    "Splitting a PMD gives each page a PTE with its right and exclusiveness, and a reference ($config)",
    ({ config }) => {
      const split = faulted(config).act("unmap", onePage);
      expect([split.pmd(0), split.entries(0), split.kinds(0)]).toEqual(["-", "0.0 - 0.2 0.3", "w-ww"]);
      expect(split.folio()).toMatchObject({ refcount: 3, entireMapcount: -1, largeMapcount: 2 });
      expect(split.exclusive()).toBe("xxxx");
      expect(split.folio()).toMatchObject({ partiallyMapped: true, onDeferredList: true });
      const maintained = config === "page-mapcount";
      expect(split.pageMapcounts()).toEqual(maintained ? [1, 0, 1, 1] : [0, 0, 0, 0]);
      expect(split.folio().nrPagesMapped).toBe(maintained ? 3 : 0);
      expect(split.stats).toEqual(statsWith({ nrAnonMapped: maintained ? 3 : 4 }));
      expect(split.tracking()).toBe("mm 0: 3 | free | exclusive");
    },
  );

  it.each(configs)(
    "Splitting a PMD of a shared folio leaves its pages shared and read-only ($config)",
    ({ config }) => {
      const split = faulted(config).act("fork", { parent: 0, child: 1 }).act("unmap", onePage);
      expect([split.kinds(0), split.pmd(1), split.exclusive()]).toEqual(["r-rr", "0 r", "----"]);
      expect(split.folio()).toMatchObject({ refcount: 4, entireMapcount: 0, largeMapcount: 3, partiallyMapped: false });
      expect(split.stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
      expect(split.tracking()).toBe("mm 0: 3 | mm 1: 1 | maybe shared");
    },
  );

  it.each(configs)(
    "Splitting a PMD adds the PTE mappings first: for a while there is one more than pages ($config)",
    ({ config }) => {
      const kernel = freshKernel(config);
      const seen: unknown[] = [];
      const looking: Kernel = {
        ...kernel,
        folioRemoveRmapPmd(stats, folio, mm) {
          const { largeMapcount, entireMapcount, refcount, slots } = folio;
          seen.push([largeMapcount + 1, entireMapcount + 1, refcount, slots[0]?.mapcount]);
          kernel.folioRemoveRmapPmd.call(this, stats, folio, mm);
        },
      };
      faulted(config, {}, looking).act("unmap", onePage);
      expect(seen).toEqual([[5, 1, 4, 4]]);
    },
  );

  it("Splitting a PMD for a folio split maps it by PTEs when it may be pinned, and by migration entries otherwise", () => {
    const kinds = [0, 1].map((pincount) => {
      const machine = kernelStateWith({
        folios: [
          folioWith({
            ...{
              hpagePmdNr: 4,
              anon: true,
              refcount: 2 + pincount,
              pincount,
              mapcount: 1,
              slots: ["A1", "-"] as const,
            },
            ...{ entireMapcount: 0, exclusive: [true, false, false, false] },
          }),
        ],
        ptes: ["- - - -"],
      });
      const [mm] = machine.mms as [Mm];
      const vma = mm.vmas[0] as Vma;
      Object.assign(vma.pmd, { folio: 1, writable: true });
      freshKernel("no-page-mapcount").splitHugePmdLocked(machine, mm, vma, true);
      const [folio] = machine.folios as [Folio];
      return [vma.ptes, folio.refcount, folio.largeMapcount, folio.pages.map((page) => page.anonExclusive)];
    });
    expect(kinds).toEqual([
      [ptesOf("a0M a1M a2M a3M"), 1, -1, [false, false, false, false]],
      [ptesOf("a0w a1w a2w a3w"), 6, 3, [true, true, true, true]],
    ]);
  });

  it("Splitting a PMD of a file VMA drops the mapping: it can be faulted in again", () => {
    const mapped = start("pmd", { anon: 0, file: 1 })
      .act("readFile", { index: 0, pages: 4 })
      .act("filePmdFault", { mm: 0, vma: 0 });
    expect(mapped.folio()).toMatchObject({ refcount: 5, entireMapcount: 0, largeMapcount: 0 });
    expect(mapped.stats).toEqual(statsWith({ nrFileMapped: 4, nrFilePmdmapped: 4 }));
    const split = mapped.act("unmap", onePage);
    expect([split.pmd(0), split.entries(0)]).toEqual(["-", "- - - -"]);
    expect(split.folio()).toMatchObject({ refcount: 4, entireMapcount: -1, largeMapcount: -1 });
    expect(split.stats).toEqual(statsWith());
  });

  it("Splitting a PMD of a migration entry makes one for each page, with its rights, and counts nothing", () => {
    const migrating = start("migration", { folios: 1 })
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("migrateUnmap", { folio: 0, walk: "0,1" });
    expect(migrating.pmd(0)).toBe("0 M");
    const writable = migrating.act("unmap", onePage);
    expect([writable.pmd(0), writable.kinds(0), writable.entries(0)]).toEqual(["-", "M-MM", "0.0 - 0.2 0.3"]);
    const readOnly = migrating.act("fork", { parent: 0, child: 1 }).act("unmap", onePage);
    expect([readOnly.kinds(0), readOnly.pmd(1)]).toEqual(["i-ii", "0 i"]);
    for (const session of [writable, readOnly]) {
      expect(session.folio()).toMatchObject({ refcount: 1, largeMapcount: -1, entireMapcount: -1 });
    }
  });
});

describe("fork() of a PMD", () => {
  it.each(configs)(
    "fork() of a PMD shares it read-only, with a reference and a mapping for the child ($config)",
    ({ config }) => {
      const forked = faulted(config).act("fork", { parent: 0, child: 1 });
      expect([forked.pmd(0), forked.pmd(1), forked.exclusive()]).toEqual(["0 r", "0 r", "----"]);
      expect(forked.folio()).toMatchObject({ refcount: 2, entireMapcount: 1, largeMapcount: 1 });
      expect(forked.tracking()).toBe("mm 0: 1 | mm 1: 1 | maybe shared");
      expect(forked.stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
      const alone = forked.act("exit", { mm: 0 });
      expect(alone.tracking()).toBe("free | mm 1: 1 | exclusive");
      expect(alone.stats).toEqual(statsWith({ nrAnonMapped: 4, nrAnonThps: 4 }));
    },
  );

  it("fork() of a PMD records that three MMs mapped the folio, until it is unmapped", () => {
    const three = faulted("", { mms: 3 }).act("fork", { parent: 0, child: 1 }).act("fork", { parent: 0, child: 2 });
    const last = three.act("exit", { mm: 0 }).act("exit", { mm: 1 });
    const before = faulted("", { mms: 3 });
    expect([before, three, last].map((each) => each.folio().hadThreeMms)).toEqual([false, true, true]);
    expect(last.act("exit", { mm: 2 }).world.folios).toEqual(start("pmd", { mms: 3 }).world.folios);
  });

  it("fork() of a PMD of a file VMA leaves the child without: it can fault the page cache in", () => {
    const forked = start("pmd", { anon: 0, file: 1 })
      .act("readFile", { index: 0, pages: 4 })
      .act("filePmdFault", { mm: 0, vma: 0 })
      .act("fork", { parent: 0, child: 1 });
    expect([forked.pmd(0), forked.pmd(1)]).toEqual(["0 r", "-"]);
    expect(forked.folio()).toMatchObject({ refcount: 5, entireMapcount: 0 });
  });

  it("fork() of a PMD copies a folio that is mapped by a PMD here and by PTEs there as each MM has it", () => {
    const both = faulted("", { mms: 3 })
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", { ...onePage, mm: 1 })
      .act("fork", { parent: 1, child: 2 });
    expect([both.pmd(0), both.entries(1), both.entries(2)]).toEqual(["0 r", "0.0 - 0.2 0.3", "0.0 - 0.2 0.3"]);
    expect(both.folio()).toMatchObject({ refcount: 7, entireMapcount: 0, largeMapcount: 6 });
    expect(both.pageMapcounts()).toEqual([2, 0, 2, 2]);
  });
});

describe("A write to a read-only PMD", () => {
  const forked = (config = "", bounds = {}, kernel?: Kernel): WorldSession =>
    faulted(config, bounds, kernel).act("fork", { parent: 0, child: 1 });
  const write = { mm: 0, entry: 2 };

  it.each(configs)(
    "A write to a read-only PMD reuses the folio when its mapping is the only reference ($config)",
    ({ config }) => {
      const written = forked(config).act("exit", { mm: 1 }).act("writeFault", write);
      expect([written.pmd(0), written.exclusive()]).toEqual(["0 w", "x---"]);
      expect(written.folio().refcount).toBe(1);
    },
  );

  it.each(configs)(
    "A write to a read-only PMD splits the PMD and copies one page while another MM maps the folio ($config)",
    ({ config }) => {
      const written = forked(config).act("writeFault", write);
      expect([written.pmd(0), written.entries(0), written.kinds(0)]).toEqual(["-", "0.0 0.1 1.0 0.3", "rrwr"]);
      expect(written.pmd(1)).toBe("0 r");
      expect(written.folio()).toMatchObject({ refcount: 4, entireMapcount: 0, largeMapcount: 3 });
      expect(written.folio(1)).toMatchObject({ nrPages: 1, refcount: 1, anon: true });
      expect([written.exclusive(0), written.exclusive(1)]).toEqual(["----", "x"]);
    },
  );

  it("A write to a read-only PMD splits the PMD and copies one page while there is another reference", () => {
    const held = forked("", { holders: 1 }).act("exit", { mm: 1 }).act("tryGet", { folio: 0 });
    const written = held.act("writeFault", write);
    expect([written.entries(0), written.kinds(0)]).toEqual(["0.0 0.1 1.0 0.3", "rrwr"]);
    expect(written.act("put", { holder: 0 }).act("writeFault", { mm: 0, entry: 0 }).kinds(0)).toBe("wrwr");
  });

  it("A write to a read-only PMD needs a small folio for the copy, and none for reuse", () => {
    const shared = forked("", { smallFolios: 0 });
    expect(shared.isEnabled("writeFault", write)).toBe(false);
    expect(shared.act("exit", { mm: 1 }).act("writeFault", write).pmd(0)).toBe("0 w");
  });

  it("A write to a read-only PMD splits the PMD and continues with the PTE in one fault", () => {
    const { kernel, take } = recording(freshKernel());
    const session = forked("", {}, kernel);
    take();
    session.act("writeFault", write);
    const names = allCalls(take()).map(({ name }) => name);
    const order = ["do_huge_pmd_wp_page", "__split_huge_pmd_locked", "do_wp_page", "wp_page_copy"];
    expect(names.filter((name) => order.some((each) => each.endsWith(name.replace(/^_*/, ""))))).toHaveLength(4);
  });
});

describe("Unmapping a PMD", () => {
  it.each(configs)("Unmapping a PMD as a whole does not split it ($config)", ({ config }) => {
    const { kernel, take } = recording(freshKernel(config));
    const forked = faulted(config, {}, kernel).act("fork", { parent: 0, child: 1 });
    take();
    const gone = forked.act("unmap", { mm: 0, vma: 0, first: 0, count: 4 });
    expect(allCalls(take()).some(({ name }) => name.includes("split_huge_pmd"))).toBe(false);
    expect([gone.pmd(0), gone.pmd(1)]).toEqual(["-", "0 r"]);
    expect(gone.folio()).toMatchObject({ refcount: 1, entireMapcount: 0, largeMapcount: 0 });
    expect(gone.tracking()).toBe("free | mm 1: 1 | exclusive");
  });

  it.each(configs)(
    "Unmapping a PMD last, with PTEs left in another MM, detects a partial mapping ($config)",
    ({ config }) => {
      const mixed = faulted(config)
        .act("fork", { parent: 0, child: 1 })
        .act("unmap", { ...onePage, mm: 1 });
      expect(mixed.folio().partiallyMapped).toBe(false);
      const gone = mixed.act("exit", { mm: 0 });
      expect(gone.folio()).toMatchObject({ partiallyMapped: true, onDeferredList: true });
      expect(gone.stats).toEqual(statsWith({ nrAnonMapped: config === "page-mapcount" ? 3 : 4 }));
    },
  );
});
