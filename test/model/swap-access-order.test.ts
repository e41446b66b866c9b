/**
 * Order of the accesses of swap-out and swap-in to counters, flags, entries and slots, and their locks, as in the
 * kernel.
 */
import { describe, expect, test } from "vitest";
import { at } from "../../explore/model/schema.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { v6_15 } from "../../model/kernels/v6-15.ts";
import { v6_18 } from "../../model/kernels/v6-18.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import type { Folio, KernelState, Mm } from "../../model/state/structs.ts";
import { accessesOf } from "./accesses.ts";
import { folioWith, type GivenFolio, kernelStateWith, mmA } from "./structs.ts";

/** Functions logged as one access each; other tests check the order of their accesses. */
const COUNTED = ["folioRemoveRmapPtes", "folioAddAnonRmapPtes"] as const;

interface Given {
  readonly folio: GivenFolio;
  readonly ptes?: string;
  readonly swapCounts?: readonly number[];
}

/**
 * Returns the accesses of a run: entries as a whole, repeated accesses once, slots one by one.
 *
 * @param run called with the kernel state and its MM, whose entries are `given.ptes`
 */
function order(
  build: typeof v7_1,
  given: Given,
  run: (kernel: Kernel, state: KernelState, folio: Folio, mm: Mm) => void,
): string[] {
  const { ptes = "-", swapCounts = [0, 0] } = given;
  const plain = kernelStateWith({
    folios: [folioWith({ anon: true, nrPages: 2, ...given.folio })],
    ptes: [ptes],
    swapCounts,
  });
  const counted: string[] = [];
  const log = accessesOf(build(parseConfig("")), at(plain.folios, 0), (kernel, folio, trace) => {
    const mm = at(plain.mms, 0);
    const vma = at(mm.vmas, 0);
    const tracedVma = { ...vma, ptes: vma.ptes.map((pte, i) => trace(pte, `pte${i} `)) };
    const swapSlots = plain.swapSlots.map((slot, i) => trace(slot, `swap${i}.`));
    const tracedMm = { ...mm, vmas: [tracedVma] };
    const stats = COUNTED.map((name) => [name, () => trace({ [name]: 0 }, "")[name]]);
    run(
      { ...kernel, ...Object.fromEntries(stats) },
      { ...plain, folios: [folio], mms: [tracedMm], swapSlots },
      folio,
      tracedMm,
    );
  });
  for (const each of log) {
    const access = each.replace(/(pte\d) .*/, "$1").replace(/^r (folio\w+RmapPtes)$/, "$1");
    // The folio lock is held: its slots are what they are.
    if (!/content|^r swap$/.test(access) && (access !== counted.at(-1) || !/pte/.test(access))) {
      counted.push(access);
    }
  }
  return counted;
}

const CACHED = { swapcache: true, refcount: 3, mapcount: 1, slots: ["A1", "-"] as const };
const slotsFreed = ["swapClusterLock", "w swap0.folio", "r swap0.count", "w swap1.folio", "r swap1.count"];
const deleted = [...slotsFreed, "w swap", "w swapcache", "swapClusterUnlock", "folioRefSub"];
const areNeeded = ["r swap0.count", "r swap1.count"];
const underLock = (accesses: readonly string[]): string[] => ["swapClusterLock", ...accesses, "swapClusterUnlock"];

describe("Swap-out", () => {
  test("Swap-out clears the entry, counts the swap entry, shares the page, and only then stores the swap entry", () => {
    const given = { folio: { ...CACHED, exclusive: [true, false] }, ptes: "a0w", swapCounts: [0, 0] };
    const accesses = order(v7_1, given, (kernel, state, folio, mm) =>
      kernel.tryToUnmapOne(state, folio, mm, at(mm.vmas, 0)),
    );
    expect(accesses).toEqual([
      "r pte0",
      "r page0.anonExclusive",
      "w pte0",
      "swapClusterLock",
      "r swap0.count",
      "w swap0.count",
      "swapClusterUnlock",
      "r page0.anonExclusive",
      "smpMb",
      "r pincount",
      "w page0.anonExclusive",
      "smpMbAfterAtomic",
      "w pte0",
      "folioRemoveRmapPtes",
      "folioRefSubAndTest",
    ]);
  });

  test("Swap-out gives the swap entry back before the entry returns, when the page may be pinned", () => {
    const given = { folio: { ...CACHED, pincount: 1, exclusive: [true, false] }, ptes: "a0w" };
    const accesses = order(v7_1, given, (kernel, state, folio, mm) =>
      kernel.tryToUnmapOne(state, folio, mm, at(mm.vmas, 0)),
    );
    expect(accesses.slice(accesses.indexOf("r pincount"))).toEqual([
      "r pincount",
      "swapClusterLock",
      "r swap0.count",
      "w swap0.count",
      "r swap0.folio",
      "swapClusterUnlock",
      "w pte0",
    ]);
  });

  const slots = ["w swap0.folio", "w swap1.folio"];
  const flags = ["folioRefAdd", "w swapcache", "w swap"];

  test.each([
    { build: v6_15, expected: [...flags, ...underLock(slots)] },
    { build: v6_18, expected: underLock([...slots, ...flags]) },
    { build: v7_1, expected: underLock([...slots, ...flags]) },
  ])("Swap-out puts the folio into the swap cache in the order of its release", ({ build, expected }) => {
    const accesses = order(build, { folio: {} }, (kernel, state, folio) => kernel.swapCacheAddFolio(state, folio, 0));
    expect(accesses).toEqual(expected);
  });
});

describe("Swap-in", () => {
  const given = { folio: { swapcache: true, refcount: 3 }, ptes: "s0x s1x", swapCounts: [1, 1] };
  const swapIn = (build: typeof v7_1): string[] =>
    order(build, given, (kernel, state, folio, mm) => kernel.doSwapPage(state, mm, at(mm.vmas, 0), 0, folio, true));
  const givenUp = [
    "swapClusterLock",
    ...[0, 1].flatMap((i) => [`r swap${i}.count`, `w swap${i}.count`, `r swap${i}.folio`]),
    "swapClusterUnlock",
    "r swapcache",
    "r refcount",
  ];
  const mapped = ["folioRefAdd", "folioAddAnonRmapPtes", "r page0.anonExclusive", "w pte0", "w pte1"];
  const within = (accesses: readonly string[]): string[] => accesses.filter((each) => !each.startsWith("r pte"));

  test("Swap-in gives the swap entries up before the pages are mapped, until 6.18", () => {
    const freed = ["r swapcache", ...underLock(areNeeded), ...deleted];
    for (const build of [v6_15, v6_18]) {
      expect(within(swapIn(build))).toEqual(["r page0.anonExclusive", ...givenUp, ...freed, ...mapped]);
    }
  });

  test("Swap-in gives them up after the pages are mapped, since 7.1", () => {
    const freed = ["r swapcache", ...areNeeded, ...deleted];
    expect(within(swapIn(v7_1))).toEqual(["r page0.anonExclusive", ...mapped, ...givenUp, ...freed]);
  });

  test("Swap-in that finds another entry drops lock and reference, and since 7.1 the swap cache before", () => {
    const backOut = (build: typeof v7_1): string[] =>
      order(build, { folio: { swapcache: true, refcount: 4 } }, (kernel, state, folio) =>
        kernel.swapInBackOut(state, folio),
      );
    const dropped = ["folioUnlock", "folioRefSubAndTest"];
    expect(backOut(v6_18)).toEqual(dropped);
    expect(backOut(v7_1)).toEqual(["r swapcache", "r swapcache", ...areNeeded, ...deleted, ...dropped]);
  });
});

describe("The swap cache is freed", () => {
  test("The swap cache is freed for the reuse of a large folio between two checks of its mapcount, under the folio lock", () => {
    const given = { folio: { ...CACHED, mapcount: 2, refcount: 4, slots: ["A2", "-"] } as const };
    const reuse = (build: typeof v7_1): string[] =>
      order(build, given, (kernel, state, folio) => kernel.wpCanReuseLargeAnonFolio(state, folio, mmA));
    const before = ["r largeMapcount", "r mmIdsShared", "r swapcache", "folioTrylock", "r swapcache"];
    const after = [...deleted, "folioUnlock", "r largeMapcount", "r refcount", "folioLockLargeMapcount"];
    const upToLock = (accesses: string[]): string[] =>
      accesses.slice(0, accesses.indexOf("folioLockLargeMapcount") + 1);
    expect(upToLock(reuse(v7_1))).toEqual([...before, ...areNeeded, ...after]);
    expect(upToLock(reuse(v6_18))).toEqual([...before, ...underLock(areNeeded), ...after]);
  });

  test("The swap cache is freed for the reuse of a small folio between two checks of its references, under the folio lock", () => {
    const given = { folio: { nrPages: 1, swapcache: true, refcount: 2, pageMapcounts: [1] }, swapCounts: [0] };
    const accesses = order(v7_1, given, (kernel, state, folio) => kernel.wpCanReuseAnonFolio(state, folio, mmA));
    expect(accesses).toEqual([
      ...["r refcount", "r refcount", "r swapcache", "folioTrylock", "r swapcache", "r swapcache", "r swap0.count"],
      ...underLock(["w swap0.folio", "r swap0.count", "w swap", "w swapcache"]),
      ...["folioRefSub", "r refcount", "folioUnlock"],
    ]);
  });

  test("Unmapping the last swap entry frees the swap cache before the entry is cleared, and checks in this order: reference, lock, identity of the folio, mappings", () => {
    const given = { folio: { swapcache: true, refcount: 3 }, ptes: "s0", swapCounts: [1, 0] };
    const accesses = order(v7_1, given, (kernel, state, _folio, mm) => {
      kernel.zapNonpresentPtes(state, at(mm.vmas, 0), 0, 1);
    });
    expect(accesses).toEqual([
      "r pte0",
      ...underLock(["r swap0.count", "w swap0.count", "r swap0.folio"]),
      ...["r swap0.folio", "folioTryGet", "folioTrylock", "r swapcache", "r largeMapcount"],
      ...underLock(areNeeded),
      ...deleted,
      ...["folioUnlock", "folioRefSubAndTest"],
      "w pte0",
    ]);
  });
});
