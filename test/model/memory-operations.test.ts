import { describe, expect, it } from "vitest";
import type { CallNode } from "../../model/kernel/call-node.ts";
import { recording } from "../../model/kernel/recording.ts";
import { callTexts } from "../report/call-trees.ts";
import { freshKernel, startRmap } from "./session.ts";
import { statsWith } from "./structs.ts";

/** Returns the recorded calls that match, without their indentation. */
function calls(taken: readonly CallNode[], what: RegExp): string[] {
  return callTexts(taken)
    .map((line) => line.trim())
    .filter((line) => what.test(line));
}

const configs = [{ config: "page-mapcount" }, { config: "no-page-mapcount" }];

describe("A partially mapped anon folio", () => {
  const faulted = (config: string, bounds = {}) =>
    startRmap(bounds, config).act("anonFault", { mm: 0, first: 0, pages: 4 });
  const unmapped = { mm: 0, vma: 0, first: 1, count: 1 };

  it.each(configs)(
    "A partially mapped anon folio is queued for deferred split, and removed from the queue when it is freed ($config)",
    ({ config }) => {
      const partial = faulted(config).act("unmap", unmapped);
      expect(partial.folio()).toMatchObject({ partiallyMapped: true, onDeferredList: true, refcount: 3 });
      const freed = partial.act("exit", { mm: 0 });
      expect(freed.folio()).toMatchObject({ partiallyMapped: false, onDeferredList: false, allocated: false });
    },
  );

  it.each(configs)(
    "A partially mapped anon folio is not queued while it is fully mapped, or when it is unmapped at once ($config)",
    ({ config }) => {
      expect(faulted(config).folio()).toMatchObject({ partiallyMapped: false, onDeferredList: false });
      expect(faulted(config).act("exit", { mm: 0 }).folio()).toEqual(startRmap({}, config).folio());
    },
  );

  it("A partially mapped anon folio is queued only when a page lost its last mapping (PAGE_MAPCOUNT)", () => {
    const child = faulted("page-mapcount").act("fork", { parent: 0, child: 1 });
    const half = child.act("unmap", { mm: 1, vma: 0, first: 0, count: 2 });
    expect(half.folio().onDeferredList).toBe(false);
    expect(half.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 }).folio().onDeferredList).toBe(true);
  });

  it("A partially mapped anon folio is not detected when both halves add up to N mappings, but when the child quits (NO_PAGE_MAPCOUNT, W3)", () => {
    const both = faulted("no-page-mapcount")
      .act("fork", { parent: 0, child: 1 })
      .act("unmap", { mm: 1, vma: 0, first: 0, count: 2 })
      .act("unmap", { mm: 0, vma: 0, first: 0, count: 2 });
    expect(both.folio()).toMatchObject({ largeMapcount: 3, onDeferredList: false });
    expect(both.act("exit", { mm: 1 }).folio()).toMatchObject({ largeMapcount: 1, onDeferredList: true });
  });

  it.each(configs)(
    "A partially mapped anon folio of order 1 is never queued: it has no room for the list ($config)",
    ({ config }) => {
      const partial = startRmap({ pages: 2 }, config)
        .act("anonFault", { mm: 0, first: 0, pages: 2 })
        .act("unmap", { mm: 0, vma: 0, first: 0, count: 1 });
      expect(partial.folio()).toMatchObject({ largeMapcount: 0, partiallyMapped: false, onDeferredList: false });
    },
  );

  it("A partially mapped anon folio is not queued without CONFIG_TRANSPARENT_HUGEPAGE, where there is no queue", () => {
    expect(faulted("no-mm-id").act("unmap", unmapped).folio()).toMatchObject({
      partiallyMapped: false,
      onDeferredList: false,
    });
  });

  it.each(configs)("A partially mapped anon folio of a file is not queued ($config)", ({ config }) => {
    const file = startRmap({ anon: 0, file: 1 }, config)
      .act("readFile", { index: 0, pages: 4 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
      .act("unmap", unmapped);
    expect(file.folio()).toMatchObject({ largeMapcount: 2, partiallyMapped: false, onDeferredList: false });
  });
});

describe("An anon fault", () => {
  const start = startRmap({ folios: 2 });

  it("An anon fault maps all pages exclusively, with a reference for each", () => {
    const after = start.act("anonFault", { mm: 0, first: 0, pages: 4 });
    expect(after.folio()).toMatchObject({ anon: true, refcount: 4, largeMapcount: 3, nrPages: 4, nrPagesMapped: 4 });
    expect(after.exclusive()).toBe("xxxx");
    expect([after.entries(0), after.kinds(0)]).toEqual(["0.0 0.1 0.2 0.3", "wwww"]);
    expect(after.folio(1)).toEqual(start.folio(1));
  });

  it("An anon fault maps a small folio without tracking", () => {
    const after = start.act("anonFault", { mm: 0, first: 3, pages: 1 });
    expect(after.folio()).toMatchObject({ refcount: 1, largeMapcount: -1, nrPages: 1 });
    expect(after.tracking()).toBe("free | free | exclusive");
    expect(after.act("fork", { parent: 0, child: 1 }).verdict()).toBe("maybe shared");
  });

  it("An anon fault needs entries that are all none, a live MM and a folio that is not in use", () => {
    const one = start.act("anonFault", { mm: 0, first: 1, pages: 1 });
    expect(one.isEnabled("anonFault", { mm: 0, first: 0, pages: 2 })).toBe(false);
    expect(one.isEnabled("anonFault", { mm: 0, first: 2, pages: 2 })).toBe(true);
    expect(one.isEnabled("anonFault", { mm: 1, first: 2, pages: 2 })).toBe(false);
    const both = one.act("anonFault", { mm: 0, first: 2, pages: 1 });
    expect(both.entries(0)).toBe("- 0.0 1.0 -");
    expect(both.isEnabled("anonFault", { mm: 0, first: 0, pages: 1 })).toBe(false);
  });
});

describe("fork() and unmapping work in batches of consecutive pages of one folio", () => {
  it("fork() and unmapping work in batches of consecutive pages of one folio with a batch on each side of every hole, and references before mappings", () => {
    const { kernel, take } = recording(freshKernel());
    const holes = startRmap({ pages: 8, minPages: 8 }, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 8 })
      .act("unmap", { mm: 0, vma: 0, first: 2, count: 1 })
      .act("unmap", { mm: 0, vma: 0, first: 5, count: 1 });
    take();
    const forked = holes.act("fork", { parent: 0, child: 1 });
    expect(calls(take(), /^folio_\w*dup\w*_ptes/)).toEqual([
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 0–1, mm 1, from mm 0)",
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 3–4, mm 1, from mm 0)",
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 6–7, mm 1, from mm 0)",
    ]);
    expect(forked.entries(1)).toBe("0.0 0.1 - 0.3 0.4 - 0.6 0.7");
    expect(forked.entries(1)).toBe(forked.entries(0));
    expect(forked.folio()).toMatchObject({ refcount: 12, largeMapcount: 11, nrPagesMapped: 6 });
    expect(forked.folio().pages.map((page) => page.anonExclusive)).toEqual([
      ...[false, false, true, false, false, true, false, false],
    ]);
    const part = forked.act("unmap", { mm: 0, vma: 0, first: 1, count: 6 });
    expect(calls(take(), /^folio_remove_rmap_ptes/)).toEqual([
      "folio_remove_rmap_ptes(folio 0, page 1, mm 0)",
      "folio_remove_rmap_ptes(folio 0, pages 3–4, mm 0)",
      "folio_remove_rmap_ptes(folio 0, page 6, mm 0)",
    ]);
    expect(part.entries(0)).toBe("0.0 - - - - - - 0.7");
    expect(part.pageMapcounts()).toEqual([2, 1, 0, 1, 1, 0, 1, 2]);
    expect(part.tracking()).toBe("mm 0: 2 | mm 1: 6 | maybe shared");
  });

  it("fork() and unmapping work in batches of consecutive pages of one folio with one entry at a time for small folios", () => {
    const { kernel, take } = recording(freshKernel());
    const small = startRmap({ pages: 2, folios: 2 }, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 1 })
      .act("anonFault", { mm: 0, first: 1, pages: 1 });
    take();
    const forked = small.act("fork", { parent: 0, child: 1 });
    expect(calls(take(), /^mm_|^folio_\w*dup\w*_ptes/)).toEqual([
      "mm_alloc_id(mm 1)",
      "folio_try_dup_anon_rmap_ptes(folio 0, page 0, mm 1, from mm 0)",
      "folio_try_dup_anon_rmap_ptes(folio 1, page 0, mm 1, from mm 0)",
    ]);
    expect(forked.pageMapcounts(1)).toEqual([2, 0]);
    expect(forked.folio(1)).toMatchObject({ refcount: 2, largeMapcount: -1 });
    expect(forked.folio(1).pages[0]?.anonExclusive).toBe(false);
  });

  it("fork() and unmapping work in batches of consecutive pages of one folio with file folios and anon folios duplicated in the way of their kind", () => {
    const { kernel, take } = recording(freshKernel());
    const mixed = startRmap({ pages: 2, folios: 2, file: 1 }, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 2 })
      .act("readFile", { index: 0, pages: 2 })
      .act("fileFault", { mm: 0, vma: 1, first: 0, count: 2 });
    take();
    const forked = mixed.act("fork", { parent: 0, child: 1 });
    expect(calls(take(), /^folio_\w*dup\w*_ptes/)).toEqual([
      "folio_try_dup_anon_rmap_ptes(folio 0, pages 0–1, mm 1, from mm 0)",
      "folio_dup_file_rmap_ptes(folio 1, pages 0–1, mm 1, from mm 0)",
    ]);
    expect(forked.stats).toEqual(statsWith({ nrAnonMapped: 2, nrFileMapped: 2 }));
    expect(forked.folio(1)).toMatchObject({ refcount: 6, nrPagesMapped: 2 });
  });
});

describe("Fault-around", () => {
  it("Fault-around maps entries that are none and cached pages, in batches that end at a mapped entry and at the end of a folio", () => {
    const { kernel, take } = recording(freshKernel());
    const file = startRmap({ anon: 0, file: 1, folios: 2 }, "", kernel)
      .act("readFile", { index: 0, pages: 2 })
      .act("readFile", { index: 2, pages: 2 })
      .act("fileFault", { mm: 0, vma: 0, first: 1, count: 1 });
    take();
    const around = file.act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 });
    expect(calls(take(), /^folio_add_file/)).toEqual([
      "folio_add_file_rmap_ptes(folio 0, page 0, mm 0)",
      "folio_add_file_rmap_ptes(folio 1, pages 0–1, mm 0)",
    ]);
    expect(around.entries(0)).toBe("0.0 0.1 1.0 1.1");
    expect([around.folio(0).refcount, around.folio(1).refcount]).toEqual([4, 4]);
    expect(around.stats.nrFileMapped).toBe(4);
  });

  it("Fault-around skips pages that are not in the page cache, and starts in the middle of a folio", () => {
    const file = startRmap({ anon: 0, file: 1, folios: 2 })
      .act("readFile", { index: 0, pages: 2 })
      .act("readFile", { index: 3, pages: 1 });
    expect(file.isEnabled("fileFault", { mm: 0, vma: 0, first: 0, count: 3 })).toBe(false);
    const around = file.act("fileFault", { mm: 0, vma: 0, first: 1, count: 3 });
    expect(around.entries(0)).toBe("- 0.1 - 1.0");
    expect(around.tracking(0)).toBe("mm 0: 1 | free | exclusive");
    expect(around.folio(1)).toMatchObject({ refcount: 2, largeMapcount: -1 });
  });
});

describe("A file that one MM maps twice", () => {
  it.each(configs)("A file that one MM maps twice is mapped 2N times and exclusive ($config)", ({ config }) => {
    const twice = startRmap({ pages: 2, anon: 0, file: 2 }, config)
      .act("readFile", { index: 0, pages: 2 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 })
      .act("fileFault", { mm: 0, vma: 1, first: 0, count: 2 });
    const maintained = config === "page-mapcount";
    expect(twice.tracking()).toBe("mm 0: 4 | free | exclusive");
    expect(twice.pageMapcounts()).toEqual(maintained ? [2, 2] : [0, 0]);
    expect(twice.folio()).toMatchObject({ refcount: 6, nrPagesMapped: maintained ? 2 : 0 });
    expect(twice.stats.nrFileMapped).toBe(2);
    const once = twice.act("unmap", { mm: 0, vma: 0, first: 0, count: 2 });
    expect(once.tracking()).toBe("mm 0: 2 | free | exclusive");
    expect(once.stats.nrFileMapped).toBe(2);
    expect(once.act("fork", { parent: 0, child: 1 }).tracking()).toBe("mm 0: 2 | mm 1: 2 | maybe shared");
  });
});

describe("An MM id", () => {
  const shared = startRmap({ anon: 0, file: 1 })
    .act("readFile", { index: 0, pages: 4 })
    .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
    .act("fork", { parent: 0, child: 1 });

  it("An MM id is free after exit, when no slot holds it", () => {
    const quit = shared.act("exit", { mm: 1 });
    expect(quit.world.mms[1]).toMatchObject({ hasId: false, live: false });
    expect(quit.tracking()).toBe("mm 0: 4 | free | exclusive");
  });

  it("An MM id counts from one again when a new MM gets it", () => {
    const quit = shared.act("exit", { mm: 1 });
    const reused = quit.act("newMm", { mm: 1 });
    expect(reused.world.mms[1]).toMatchObject({ hasId: true, live: true });
    expect(reused.tracking()).toBe("mm 0: 4 | free | exclusive");
    const mapped = reused.act("fileFault", { mm: 1, vma: 0, first: 2, count: 1 });
    expect(mapped.tracking()).toBe("mm 0: 4 | mm 1: 1 | maybe shared");
    expect(mapped.act("exit", { mm: 1 }).tracking()).toBe("mm 0: 4 | free | exclusive");
  });

  it("An MM id is allocated before the first mapping and freed after the last", () => {
    const { kernel, take } = recording(freshKernel());
    const forked = startRmap({}, "", kernel)
      .act("anonFault", { mm: 0, first: 0, pages: 4 })
      .act("fork", { parent: 0, child: 1 });
    take();
    forked.act("exit", { mm: 1 });
    expect(callTexts(take()).at(-1)).toBe("mmdrop(mm 1)");
  });

  it("An MM id belongs to one live MM: a live MM cannot be created again, and a dead one has no enabled actions", () => {
    expect(shared.isEnabled("newMm", { mm: 1 })).toBe(false);
    expect(shared.isEnabled("fork", { parent: 0, child: 1 })).toBe(false);
    const quit = shared.act("exit", { mm: 1 });
    expect(quit.isEnabled("exit", { mm: 1 })).toBe(false);
    expect(quit.isEnabled("fork", { parent: 1, child: 0 })).toBe(false);
    expect(quit.isEnabled("fileFault", { mm: 1, vma: 0, first: 0, count: 1 })).toBe(false);
    expect(quit.isEnabled("unmap", { mm: 1, vma: 0, first: 0, count: 1 })).toBe(false);
  });
});

describe("A folio that is freed and used again with another order and kind", () => {
  it.each([...configs, { config: "32bit" }])(
    "A folio that is freed and used again with another order and kind starts fresh each time ($config)",
    ({ config }) => {
      const start = startRmap({ file: 1 }, config);
      const anon = start
        .act("anonFault", { mm: 0, first: 0, pages: 4 })
        .act("unmap", { mm: 0, vma: 0, first: 0, count: 3 })
        .act("unmap", { mm: 0, vma: 0, first: 3, count: 1 });
      expect(anon.folio()).toEqual(start.folio());
      const file = anon.act("readFile", { index: 2, pages: 2 }).act("fileFault", { mm: 0, vma: 1, first: 3, count: 1 });
      expect(file.folio()).toMatchObject({ anon: false, index: 2, nrPages: 2, refcount: 3, largeMapcount: 0 });
      expect(file.isEnabled("reclaim", { folio: 0 })).toBe(false);
      const freed = file.act("unmap", { mm: 0, vma: 1, first: 3, count: 1 }).act("reclaim", { folio: 0 });
      expect(freed.world.folios).toEqual(start.world.folios);
      const small = freed.act("anonFault", { mm: 0, first: 2, pages: 1 });
      expect(small.folio()).toMatchObject({ anon: true, index: 0, nrPages: 1, refcount: 1 });
    },
  );

  it("A folio that is freed and used again with another order and kind stays in the page cache when it is unmapped, until it is reclaimed", () => {
    const unmapped = startRmap({ anon: 0, file: 1 })
      .act("readFile", { index: 0, pages: 4 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 4 })
      .act("exit", { mm: 0 });
    expect(unmapped.folio()).toMatchObject({ inPageCache: true, allocated: true, refcount: 4, largeMapcount: -1 });
    expect(unmapped.isEnabled("readFile", { index: 2, pages: 2 })).toBe(false);
    expect(unmapped.act("reclaim", { folio: 0 }).folio().allocated).toBe(false);
  });

  it("A folio that is freed and used again with another order and kind is read into the page cache only where no other folio of the file is", () => {
    const cached = startRmap({ anon: 0, file: 1, folios: 2 }).act("readFile", { index: 2, pages: 1 });
    const into = (index: number, pages: number) => cached.isEnabled("readFile", { index, pages });
    expect([into(0, 4), into(2, 2), into(2, 1)]).toEqual([false, false, false]);
    expect([into(0, 2), into(1, 1), into(3, 1)]).toEqual([true, true, true]);
    const larger = startRmap({ anon: 0, file: 1, folios: 2 }).act("readFile", { index: 0, pages: 2 });
    expect(larger.isEnabled("readFile", { index: 1, pages: 1 })).toBe(false);
    expect(larger.isEnabled("readFile", { index: 2, pages: 2 })).toBe(true);
  });
});

describe("The mapped statistics", () => {
  /** NR_ANON_MAPPED after each step of one script. */
  function anonMapped(config: string): number[] {
    const sessions = [startRmap({}, config)];
    const script: readonly [string, { readonly [name: string]: number }][] = [
      ["anonFault", { mm: 0, first: 0, pages: 4 }],
      ["fork", { parent: 0, child: 1 }],
      ["unmap", { mm: 0, vma: 0, first: 0, count: 2 }],
      ["unmap", { mm: 1, vma: 0, first: 1, count: 1 }],
      ["exit", { mm: 1 }],
      ["unmap", { mm: 0, vma: 0, first: 2, count: 1 }],
      ["exit", { mm: 0 }],
    ];
    for (const [action, parameters] of script) {
      const last = sessions.at(-1) as (typeof sessions)[number];
      sessions.push(last.act(action, parameters));
    }
    return sessions.map((session) => session.stats.nrAnonMapped);
  }

  it("The mapped statistics count the pages that are mapped with PAGE_MAPCOUNT", () => {
    expect(anonMapped("page-mapcount")).toEqual([0, 4, 4, 4, 3, 2, 1, 0]);
  });

  it("The mapped statistics count the whole folio while any page is mapped with NO_PAGE_MAPCOUNT", () => {
    expect(anonMapped("no-page-mapcount")).toEqual([0, 4, 4, 4, 4, 4, 4, 0]);
  });

  it.each([
    { config: "page-mapcount", counts: [1, 3, 2, 1, 0] },
    { config: "no-page-mapcount", counts: [4, 4, 4, 4, 0] },
  ])("The mapped statistics count file folios separately ($config)", ({ config, counts }) => {
    const file = startRmap({ anon: 0, file: 1 }, config).act("readFile", { index: 0, pages: 4 });
    const one = file.act("fileFault", { mm: 0, vma: 0, first: 3, count: 1 });
    const three = one.act("fileFault", { mm: 0, vma: 0, first: 1, count: 2 });
    const two = three.act("unmap", { mm: 0, vma: 0, first: 2, count: 1 });
    const last = two.act("unmap", { mm: 0, vma: 0, first: 1, count: 1 });
    const none = last.act("exit", { mm: 0 });
    expect([one, three, two, last, none].map(({ stats }) => stats.nrFileMapped)).toEqual(counts);
    expect([one, three, two, last, none].map(({ stats }) => stats.nrAnonMapped)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("Without CONFIG_MM_ID", () => {
  it("Without CONFIG_MM_ID slots stay free, every large folio is maybe shared, and the mapcount is right", () => {
    const alone = startRmap({}, "no-mm-id").act("anonFault", { mm: 0, first: 0, pages: 4 });
    expect(alone.tracking()).toBe("free | free | maybe shared");
    const forked = alone.act("fork", { parent: 0, child: 1 });
    expect(forked.folio()).toMatchObject({ largeMapcount: 7, mmIdsShared: false, nrPagesMapped: 4 });
    const one = forked.act("exit", { mm: 1 }).act("unmap", { mm: 0, vma: 0, first: 0, count: 3 });
    expect(one.folio().largeMapcount).toBe(0);
    expect(one.verdict()).toBe("maybe shared");
  });

  it("Without CONFIG_MM_ID small folios are still known to be exclusive", () => {
    const small = startRmap({}, "no-mm-id").act("anonFault", { mm: 0, first: 0, pages: 1 });
    expect(small.verdict()).toBe("exclusive");
    expect(small.act("fork", { parent: 0, child: 1 }).verdict()).toBe("maybe shared");
  });
});
