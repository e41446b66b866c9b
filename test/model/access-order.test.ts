import { describe, expect, it, test } from "vitest";
import { at } from "../../explore/model/schema.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { reuseRaceVariants } from "../../model/kernels/series-as-posted.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { patched } from "../../model/kernels/variant.ts";
import type { Folio, KernelState, Mm } from "../../model/state/structs.ts";
import { accessesOf } from "./accesses.ts";
import { withLog } from "./logged-kernel.ts";
import { folioWith, kernelStateWith, mmA, mmB, statsWith } from "./structs.ts";

/** Returns the accesses of a run, without those of the sanity checks, which only load. */
function order(config: string, folio: Folio, run: (kernel: Kernel, folio: Folio) => void): string[] {
  const kernel = { ...v7_1(parseConfig(config)), folioLargeMapcountSanityChecks() {} };
  return accessesOf(kernel, folio, run);
}

const mapped = (): Folio => folioWith({ anon: true, refcount: 4, mapcount: 4, slots: ["A4", "-"], nrPagesMapped: 4 });
const byPmd = (given = {}): Folio =>
  folioWith({
    anon: true,
    hpagePmdNr: 4,
    refcount: 1,
    mapcount: 1,
    entireMapcount: 0,
    slots: ["A1", "-"],
    nrPagesMapped: 16,
    ...given,
  });

describe("The owner slots change in the kernel's order:", () => {
  test("a new folio gets the mapcount of its slot before the id, and no lock", () => {
    expect(order("", folioWith(), (kernel, folio) => kernel.folioSetLargeMapcount(folio, 4, mmA))).toEqual([
      "r slot0.mmId",
      "r slot1.mmId",
      "w largeMapcount",
      "w slot0.mapcount",
      "w slot0.mmId",
    ]);
  });

  test("the large mapcount is loaded under the lock, and a free slot gets its id before its mapcount", () => {
    expect(order("", mapped(), (kernel, folio) => kernel.folioAddReturnLargeMapcount(folio, 2, mmB))).toEqual([
      "folioLockLargeMapcount",
      "r largeMapcount",
      "w largeMapcount",
      "r slot0.mmId",
      "r slot1.mmId",
      "r slot0.mmId",
      "r slot1.mmId",
      "w slot1.mmId",
      "w slot1.mapcount",
      "w mmIdsShared",
      "folioUnlockLargeMapcount",
    ]);
  });

  test("a slot that underflows stores the negative mapcount until it is freed", () => {
    const folio = folioWith({ mapcount: 6, slots: ["A4", "B2"], mmIdsShared: true });
    expect(order("", folio, (kernel, each) => kernel.folioSubReturnLargeMapcount(each, 2, mmB))).toEqual([
      "folioLockLargeMapcount",
      "r largeMapcount",
      "w largeMapcount",
      "r slot0.mmId",
      "r slot1.mmId",
      "r slot1.mapcount",
      "w slot1.mapcount",
      "r slot1.mapcount",
      "w slot1.mapcount",
      "w slot1.mmId",
      "r slot0.mapcount",
      "w mmIdsShared",
      "folioUnlockLargeMapcount",
    ]);
  });

  test("a slot that is left with mappings ends the removal under the lock", () => {
    expect(order("", mapped(), (kernel, folio) => kernel.folioSubReturnLargeMapcount(folio, 1, mmA))).toEqual([
      "folioLockLargeMapcount",
      "r largeMapcount",
      "w largeMapcount",
      "r slot0.mmId",
      "r slot0.mapcount",
      "w slot0.mapcount",
      "r slot0.mapcount",
      "folioUnlockLargeMapcount",
    ]);
  });

  test("without CONFIG_MM_ID the large mapcount is an atomic and there is no lock", () => {
    expect(order("no-mm-id", mapped(), (kernel, folio) => kernel.folioAddReturnLargeMapcount(folio, 1, mmB))).toEqual([
      "largeMapcountAddReturn",
    ]);
  });
});

describe("The reverse mapping changes in the kernel's order:", () => {
  const large = {
    folioAddReturnLargeMapcount: () => 1,
    folioSubReturnLargeMapcount: () => 3,
  };

  test("adding a PTE mapping counts only pages that become mapped, by the value that the atomic returned", () => {
    const add = (folio: Folio): string[] =>
      order("", folio, (kernel, each) => ({ ...kernel, ...large }).folioAddRmap(statsWith(), each, 0, 2, mmB, "pte"));
    const pageByPage = ["pageMapcountAddReturn", "pageMapcountAddReturn"];
    expect(add(folioWith())).toEqual([...pageByPage, "nrPagesMappedAddReturn", "nodeStatAdd"]);
    expect(add(folioWith({ pageMapcounts: [1, 1] }))).toEqual(pageByPage);
  });

  test("removing a PMD mapping lowers the large mapcount first with page mapcounts, the entire mapcount without", () => {
    const remove = (config: string): string[] =>
      order(config, byPmd(), (kernel, folio) => kernel.folioRemoveRmapPmd(statsWith(), folio, mmA)).filter(
        (each) => !/slot|mmIds/.test(each),
      );
    const locked = ["folioLockLargeMapcount", "r largeMapcount", "w largeMapcount", "folioUnlockLargeMapcount"];
    const stats = ["nodeStatAdd", "nodeStatAdd"];
    expect(remove("")).toEqual([...locked, "entireMapcountAddReturn", "nrPagesMappedAddReturn", ...stats]);
    expect(remove("no-page-mapcount")).toEqual(["entireMapcountAddReturn", ...locked, ...stats]);
  });

  test("fork shares and counts page by page, and files have no pages to share", () => {
    const folio = folioWith({ anon: true, nrPages: 2, exclusive: [true, false] });
    const dup = (kernel: Kernel): Kernel => ({ ...kernel, ...large });
    expect(order("", folio, (kernel, each) => dup(kernel).folioTryDupAnonRmapPtes(each, 0, 2, mmB, mmA))).toEqual([
      "r page0.anonExclusive",
      "w page0.anonExclusive",
      "pageMapcountAdd",
      "r page1.anonExclusive",
      "pageMapcountAdd",
    ]);
    expect(order("", folio, (kernel, each) => dup(kernel).folioDupFileRmapPtes(each, 0, 2, mmB, mmA))).toEqual([
      "pageMapcountAdd",
      "pageMapcountAdd",
    ]);
  });

  test("sharing a page to unmap it checks for pins between two barriers", () => {
    const folio = folioWith({ anon: true, exclusive: [true] });
    expect(order("", folio, (kernel, each) => kernel.folioTryShareAnonRmap(each, 0))).toEqual([
      "r page0.anonExclusive",
      "smpMb",
      "r pincount",
      "w page0.anonExclusive",
      "smpMbAfterAtomic",
    ]);
  });
});

describe("A PMD mapping that races accounts nothing", () => {
  it("A PMD mapping that races accounts nothing when it is added before a removal has lowered _nr_pages_mapped", () => {
    const stats = statsWith();
    v7_1(parseConfig("")).folioAddRmap(stats, byPmd({ entireMapcount: -1 }), 0, 4, mmB, "pmd");
    expect(stats).toEqual(statsWith());
  });

  it("A PMD mapping that races accounts nothing when it is removed after an addition has raised _nr_pages_mapped", () => {
    const stats = statsWith();
    v7_1(parseConfig("")).folioRemoveRmapPmd(stats, byPmd({ nrPagesMapped: 32 }), mmA);
    expect(stats).toEqual(statsWith());
  });

  it("A PMD mapping that races accounts nothing of pages, when more are counted than there are", () => {
    const stats = statsWith();
    v7_1(parseConfig("")).folioAddRmap(stats, byPmd({ entireMapcount: -1, nrPagesMapped: 5 }), 0, 4, mmB, "pmd");
    expect(stats).toEqual(statsWith({ nrAnonThps: 4 }));
    v7_1(parseConfig("")).folioRemoveRmapPmd(stats, byPmd({ nrPagesMapped: 21 }), mmA);
    expect(stats).toEqual(statsWith());
  });
});

describe("GUP", () => {
  const PIN_FAST = ["folioTryGet", "pincountAdd", "smpMbAfterAtomic"];

  it("GUP takes a pin without the page table lock from the reference up, and a barrier follows", () => {
    expect(order("", folioWith({ refcount: 1 }), (kernel, folio) => kernel.tryGrabFolioFast(folio, true))).toEqual(
      PIN_FAST,
    );
    const small = folioWith({ nrPages: 1 });
    expect(order("", small, (kernel, folio) => kernel.tryGrabFolioFast(folio, true))).toEqual([
      "folioTryGet",
      "folioRefAdd",
      "smpMbAfterAtomic",
    ]);
    expect(order("", small, (kernel, folio) => kernel.tryGrabFolioFast(folio, false))).toEqual(["folioTryGet"]);
  });

  it("GUP takes and drops the same references and pins with and without the page table lock", () => {
    const kernel = v7_1(parseConfig(""));
    for (const nrPages of [1, 4]) {
      for (const pin of [true, false]) {
        const fast = folioWith({ nrPages, refcount: 1 });
        const slow = folioWith({ nrPages, refcount: 1 });
        expect(kernel.tryGrabFolioFast(fast, pin)).toBe(true);
        kernel.tryGrabFolio(slow, { ...mmA }, pin);
        expect(fast).toEqual(slow);
      }
    }
  });

  it("GUP takes no reference to a folio that is free", () => {
    const folio = folioWith({ refcount: 0 });
    expect(v7_1(parseConfig("")).tryGrabFolioFast(folio, true)).toBe(false);
    expect(folio).toMatchObject({ refcount: 0, pincount: 0 });
  });

  it("GUP reads the flag of the page after a barrier", () => {
    const folio = folioWith({ anon: true });
    expect(order("", folio, (kernel, each) => kernel.gupMustUnshare(each, 0, true, false))).toEqual([
      "smpRmb",
      "r page0.anonExclusive",
    ]);
  });
});

describe("The deferred split queue changes under its lock:", () => {
  test("a folio is queued under the queue lock; an order-1 folio or one in the swap cache is not queued, without the lock", () => {
    const defer = (folio: Folio): string[] => order("", folio, (kernel, each) => kernel.deferredSplitFolio(each, true));
    expect(defer(folioWith())).toEqual([
      "r swapcache",
      "splitQueueLock",
      "r partiallyMapped",
      "w partiallyMapped",
      "r onDeferredList",
      "w onDeferredList",
      "splitQueueUnlock",
    ]);
    expect(defer(folioWith({ swapcache: true }))).toEqual(["r swapcache"]);
    expect(defer(folioWith({ nrPages: 2 }))).toEqual([]);
  });

  test("a folio is removed from the queue after a check without the queue lock and one under it", () => {
    const unqueue = (folio: Folio): string[] =>
      order("", folio, (kernel, each) => kernel.folioUnqueueDeferredSplit(each));
    expect(unqueue(folioWith({ onDeferredList: true }))).toEqual([
      "r onDeferredList",
      "splitQueueLock",
      "r onDeferredList",
      "r partiallyMapped",
      "w onDeferredList",
      "splitQueueUnlock",
    ]);
    expect(unqueue(folioWith())).toEqual(["r onDeferredList"]);
  });

  test("the shrinker drops a folio that is about to be freed", () => {
    const state = kernelStateWith({
      folios: [folioWith({ refcount: 0, onDeferredList: true, partiallyMapped: true })],
    });
    v7_1(parseConfig("")).deferredSplitScan(state, [0]);
    expect(state.folios[0]).toMatchObject({ refcount: 0, onDeferredList: false, partiallyMapped: false });
  });
});

describe("The shrinker of 7.1, for a folio that it took off the queue,", () => {
  const queued = (given = {}): Folio =>
    folioWith({ anon: true, refcount: 3, mapcount: 2, onDeferredList: true, partiallyMapped: true, ...given });

  /** Whether the folio is queued and partially mapped after a scan, and its references. */
  function scanned(folio: Folio): readonly [boolean, boolean, number] {
    const state = kernelStateWith({ folios: [folio] });
    v7_1(parseConfig("")).deferredSplitScan(state, []);
    const [left] = state.folios as [Folio];
    return [left.onDeferredList, left.partiallyMapped, left.refcount];
  }

  it("The shrinker of 7.1, for a folio that it took off the queue, requeues the folio if it is locked or cannot be split", () => {
    expect(scanned(queued({ locked: true }))).toEqual([true, true, 3]);
    expect(scanned(queued())).toEqual([true, true, 3]);
  });

  it("The shrinker of 7.1, for a folio that it took off the queue, does not requeue the folio if it is not partially mapped, unless it has become so meanwhile", () => {
    const whole = queued({ partiallyMapped: false });
    expect(scanned(whole)).toEqual([false, false, 3]);
    let loads = 0;
    const becomesPartial = { ...whole, onDeferredList: false };
    Object.defineProperty(becomesPartial, "partiallyMapped", { get: () => loads++ > 0 });
    v7_1(parseConfig("")).splitQueued(kernelStateWith({ folios: [] }), becomesPartial, []);
    expect(becomesPartial.onDeferredList).toBe(true);
  });

  it("The shrinker of 7.1, for a folio that it took off the queue, clears the partially mapped flag when the folio is split, although it is not queued", () => {
    const folio = queued({ onDeferredList: false });
    v7_1(parseConfig("")).unqueueSplitFolio(folio);
    expect(folio).toMatchObject({ onDeferredList: false, partiallyMapped: false });
  });
});

describe("GUP-fast finds no entry of a page whose pins are checked:", () => {
  const writable = { folio: 1, writable: true, migration: false, exclusive: false };
  const none = { folio: 0, writable: false, migration: false, exclusive: false };

  /** The entries of A while its folio's pins are checked, and after the walk, which finds some. */
  function entries(
    config: { readonly pmd: boolean },
    walk: (kernel: Kernel, state: KernelState, mm: Mm) => void,
  ): unknown {
    const folio = { ...(config.pmd ? byPmd() : mapped()), hpagePmdNr: 4 };
    at(folio.pages, 0).anonExclusive = true;
    const state = kernelStateWith({ folios: [folio], ptes: [config.pmd ? "- - - -" : "a0w - - -"] });
    const mm = at(state.mms, 0);
    const { pmd, ptes } = at(mm.vmas, 0);
    Object.assign(pmd, config.pmd ? writable : none);
    const shown = (): unknown => [{ ...pmd }, { ...at(ptes, 0) }];
    let meanwhile: unknown;
    const kernel: Kernel = {
      ...v7_1(parseConfig("")),
      folioMaybeDmaPinned: () => {
        meanwhile = shown();
        return true;
      },
    };
    walk(kernel, state, mm);
    return [meanwhile, shown()];
  }
  const noPte = { ...none, page: 0, swap: false };
  const pte = { ...writable, page: 0, swap: false };

  test("a PTE that is replaced by a migration entry is cleared first, and restored if the page is pinned", () => {
    const walked = entries({ pmd: false }, (kernel, state, mm) => {
      expect(kernel.tryToMigrateOne(state, at(state.folios, 0), mm, at(mm.vmas, 0), false)).toBe(false);
    });
    expect(walked).toEqual([
      [none, noPte],
      [none, pte],
    ]);
  });

  test("a PMD that is replaced by a migration entry is cleared first, and restored if the page is pinned", () => {
    const walked = entries({ pmd: true }, (kernel, state, mm) => {
      expect(kernel.setPmdMigrationEntry(state, mm, at(mm.vmas, 0))).toBe(false);
    });
    expect(walked).toEqual([
      [none, noPte],
      [writable, noPte],
    ]);
  });

  test("a PMD that is split for migration is cleared first, and replaced by PTEs if the page is pinned", () => {
    const walked = entries({ pmd: true }, (kernel, state, mm) =>
      kernel.splitHugePmdLocked(state, mm, at(mm.vmas, 0), true),
    );
    expect(walked).toEqual([
      [none, noPte],
      [none, pte],
    ]);
  });
});

test("A folio that a PMD maps becomes exclusive before its lock is released", () => {
  const state = kernelStateWith({ folios: [byPmd()], ptes: ["- - - -"] });
  const mm = at(state.mms, 0);
  Object.assign(at(mm.vmas, 0).pmd, { folio: 1 });
  const accesses = accessesOf(v7_1(parseConfig("")), at(state.folios, 0), (kernel, folio) => {
    kernel.doHugePmdWpPage({ ...state, folios: [folio] }, mm, at(mm.vmas, 0), false);
  });
  expect(accesses).toEqual([
    "r page0.anonExclusive",
    "folioTrylock",
    "r refcount",
    "r swapcache",
    "r swapcache",
    "r refcount",
    "w page0.anonExclusive",
    "folioUnlock",
  ]);
});

test("A folio that migrates leaves the queue while no CPU can get a reference", () => {
  const state = kernelStateWith({
    folios: [folioWith({ anon: true, refcount: 1, onDeferredList: true }), folioWith({ refcount: 1 })],
  });
  const kernel: Kernel = {
    ...v7_1(parseConfig("")),
    splitQueueLock(folio) {
      expect(this.folioTryGet(folio)).toBe(folio !== state.folios[0]);
    },
  };
  expect(kernel.moveToNewFolio(state, at(state.folios, 1), at(state.folios, 0))).toBe(true);
  expect(at(state.folios, 0)).toMatchObject({ refcount: 1, onDeferredList: false });
});

test("A new folio has its reference last", () => {
  const log = order("", folioWith(), (kernel, folio) => kernel.prepNewPage(folio, 4));
  expect(log.indexOf("w refcount")).toBe(log.length - 1);
});

describe("Reuse of a large folio compares under the large-mapcount lock", () => {
  /** Steps of another CPU before this one has the lock. */
  type Meanwhile = (folio: Folio) => void;

  /** The answer, and the warning, of a write fault by A. */
  function reuse(plain: Kernel, folio: Folio, meanwhile: Meanwhile): readonly [boolean, number] {
    const kernel = withLog(plain);
    const racing = { ...kernel, folioLockLargeMapcount: () => meanwhile(folio) };
    const answer = racing.wpCanReuseLargeAnonFolio(kernelStateWith({ folios: [folio] }), folio, mmA);
    return [answer, kernel.warnings.first];
  }

  const [b1, b2, asPosted] = reuseRaceVariants.map((each) => patched(each, parseConfig(""))) as [
    Kernel,
    Kernel,
    Kernel,
  ];
  const fixed = v7_1(parseConfig(""));
  /** Takes a reference after the first comparison. */
  const taken: Meanwhile = (folio) => {
    folio.refcount += 1;
  };
  /**
   * Folio during the removal of a PMD of another MM: the large mapcount is decremented, and the entire mapcount not
   * yet.
   */
  const removing = (): Folio => ({ ...mapped(), entireMapcount: 0 });
  const removed: Meanwhile = (folio) => {
    folio.entireMapcount = -1;
  };

  it("Reuse of a large folio compares under the large-mapcount lock and detects a reference taken meanwhile, as b2 does; b1 and the series as posted warn of it", () => {
    expect([fixed, b2].map((kernel) => reuse(kernel, mapped(), taken))).toEqual([
      [false, 0],
      [false, 0],
    ]);
    expect([b1, asPosted].map((kernel) => reuse(kernel, mapped(), taken))).toEqual([
      [false, Warning.reuseAboveRefcount],
      [false, Warning.reuseAboveRefcount],
    ]);
  });

  it("Reuse of a large folio compares under the large-mapcount lock and detects that a PMD mapping was removed meanwhile, as b1 does; b2 and the series as posted warn of it", () => {
    expect([fixed, b1].map((kernel) => reuse(kernel, removing(), removed))).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect([b2, asPosted].map((kernel) => reuse(kernel, removing(), removed))).toEqual([
      [true, Warning.reuseWhilePmdMapped],
      [true, Warning.reuseWhilePmdMapped],
    ]);
  });

  it("Reuse of a large folio compares under the large-mapcount lock and detects that the folio became shared meanwhile", () => {
    const shared: Meanwhile = (folio) => {
      folio.mmIdsShared = true;
    };
    expect([fixed, b1, b2, asPosted].map((kernel) => reuse(kernel, mapped(), shared)[0])).toEqual(Array(4).fill(false));
  });

  it("Reuse of a large folio compares under the large-mapcount lock and makes the same accesses in order, with the lock released however it ends", () => {
    const asked = (folio: Folio): string[] =>
      order("", folio, (kernel, each) =>
        kernel.wpCanReuseLargeAnonFolio(kernelStateWith({ folios: [folio] }), each, mmA),
      );
    const before = ["r largeMapcount", "r mmIdsShared", "r swapcache", "r largeMapcount", "r refcount"];
    const compared = ["r largeMapcount", "r refcount", "r mmIdsShared", "r largeMapcount", "r refcount"];
    expect(asked(mapped())).toEqual([
      ...before,
      "folioLockLargeMapcount",
      ...compared,
      "r largeMapcount",
      "r entireMapcount",
      "r slot0.mmId",
      "folioUnlockLargeMapcount",
    ]);
  });
});
