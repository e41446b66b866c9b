import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { PageDamage } from "../../model/kernel/page-damage.ts";
import { kernelWarning, Warning, warningName, warningsOf } from "../../model/kernel/warnings.ts";
import type { Folio, Mm, Vma } from "../../model/state/structs.ts";
import type { World, WorldMm, WorldVma } from "../../model/state/world.ts";
import { namedWarningText } from "../../report/text/kernel-warning.ts";
import { freshKernel, kernelIn, rmapSubject, startRmap } from "./session.ts";
import { folioWith, type GivenFolio, kernelStateWith, mmA, mmB, mmWithoutId, statsWith } from "./structs.ts";

type WarningName = keyof typeof Warning;
type Act = (kernel: Kernel) => void;

interface Row {
  readonly warning: WarningName;
  readonly config?: string;
  readonly kernel?: string;
  /** Raises the warning. */
  readonly raised: Act;
  /** Does nearly the same without raising the warning. */
  readonly silent: Act;
}

const add =
  (folio: ReturnType<typeof folioWith>, diff = 1, mm = mmA): Act =>
  (kernel) =>
    kernel.folioAddReturnLargeMapcount(folio, diff, mm);
const sub =
  (folio: ReturnType<typeof folioWith>, diff = 1, mm = mmA): Act =>
  (kernel) =>
    kernel.folioSubReturnLargeMapcount(folio, diff, mm);
const set =
  (folio: ReturnType<typeof folioWith>): Act =>
  (kernel) =>
    kernel.folioSetLargeMapcount(folio, 4, mmA);
const free =
  (folio: ReturnType<typeof folioWith>): Act =>
  (kernel) =>
    kernel.folioPutRefs(folio, 1);

/** Unmaps a completely mapped folio after `change` was applied to it. */
const zapAfter =
  (prepare: (world: World) => void): Act =>
  (kernel) => {
    const mapped = startRmap().act("anonFault", { mm: 0, first: 0, pages: 4 });
    const world = structuredClone(mapped.world);
    prepare(world);
    const mm = world.mms[0] as WorldMm;
    kernel.zapPteRange(world, mm, mm.vmas[0] as WorldVma, 0, 4);
  };

/** Maps one more page, exclusive or not, of an anon folio. */
const map =
  (folio: GivenFolio, exclusive: boolean): Act =>
  (kernel) =>
    kernel.folioAddAnonRmapPtes(statsWith(), folioWith({ anon: true, ...folio }), 0, 1, mmA, exclusive);

/** Calls a function on a folio that one entry of an MM maps. */
const onEntry =
  (
    words: string,
    given: GivenFolio,
    call: (kernel: Kernel, machine: ReturnType<typeof kernelStateWith>, folio: Folio, mm: Mm, vma: Vma) => void,
  ): Act =>
  (kernel) => {
    const machine = kernelStateWith({
      folios: [folioWith({ nrPages: 1, anon: true, pageMapcounts: [1], ...given })],
      ptes: [words, "-"],
      swapCounts: [1],
    });
    const [mm] = machine.mms as [Mm];
    call(kernel, machine, machine.folios[0] as Folio, mm, mm.vmas[0] as Vma);
  };

const swapIn = (exclusive: boolean): Act =>
  onEntry(
    "s0",
    { swapcache: true, refcount: 3, pageMapcounts: [0], exclusive: [exclusive] },
    (kernel, machine, folio, mm, vma) => kernel.doSwapPage(machine, mm, vma, 0, folio, false),
  );
const migrate = (exclusive: boolean): Act =>
  onEntry("a0w", { refcount: 2, exclusive: [exclusive] }, (kernel, machine, folio) =>
    kernel.tryToMigrate(machine, folio, false, [0]),
  );
/** Duplicates an exclusive page; a faulty kernel leaves it exclusive. */
const fork = (faulty: boolean): Act =>
  onEntry("a0w", { exclusive: [true] }, (kernel, machine, _folio, mm, vma) => {
    const child = machine.mms[1] as Mm;
    const forking: Kernel = faulty ? { ...kernel, folioTryDupAnonRmapPtes: () => true } : kernel;
    forking.copyPteRange(machine, child, mm, child.vmas[0] as Vma, vma);
  });
const reuse =
  (given: GivenFolio): Act =>
  (kernel) => {
    const folio = folioWith({ anon: true, refcount: 4, mapcount: 4, slots: ["A4", "-"], ...given });
    kernel.wpCanReuseLargeAnonFolio(kernelStateWith({ folios: [] }), folio, mmA);
  };
/** Increments the mapcount between the two comparisons, which an atomic model cannot do. */
const reuseWhileMapped: Act = (kernel) => {
  let looks = 0;
  const racing: Kernel = {
    ...kernel,
    folioMapcount(folio) {
      looks += 1;
      return kernel.folioMapcount.call(this, folio) + (looks > 2 ? 1 : 0);
    },
  };
  reuse({})(racing);
};
const decide =
  (claim: number, holds: boolean): Act =>
  (kernel) =>
    kernel.assertDecision(claim, holds);

const freeDamaged =
  (damage: keyof typeof PageDamage, page: number, nrPages = 4): Act =>
  (kernel) =>
    kernel.freeDamagedPages(folioWith({ nrPages }), PageDamage[damage], page);

const splitDamaged =
  (damage: keyof typeof PageDamage): Act =>
  (kernel) =>
    kernel.splitDamagedPages(folioWith(), PageDamage[damage], 1);

const ROWS: readonly Row[] = [
  { warning: "badMapping", raised: freeDamaged("mapping", 0), silent: freeDamaged("private", 0) },
  { warning: "badTailMapping", raised: freeDamaged("mapping", 3), silent: freeDamaged("private", 3) },
  { warning: "tailNotMarked", raised: freeDamaged("notTail", 1), silent: freeDamaged("none", 0) },
  { warning: "otherHead", raised: freeDamaged("otherHead", 2), silent: freeDamaged("private", 2) },
  { warning: "badRefcount", raised: freeDamaged("refcount", 1), silent: freeDamaged("private", 1) },
  { warning: "freedTail", raised: freeDamaged("poisoned", 0, 1), silent: freeDamaged("pageType", 0, 1) },
  { warning: "splitMapcount", raised: splitDamaged("zeroed"), silent: splitDamaged("refcount") },
  { warning: "splitPrivate", kernel: "v6.18", raised: splitDamaged("private"), silent: splitDamaged("refcount") },
  { warning: "notLarge", raised: add(folioWith({ nrPages: 1 })), silent: add(folioWith({ nrPages: 2 })) },
  { warning: "diffNotPositive", raised: add(folioWith(), 0), silent: add(folioWith(), 1) },
  { warning: "mmIdOutOfRange", raised: add(folioWith(), 1, mmWithoutId), silent: add(folioWith(), 1, mmB) },
  { warning: "diffAboveNrPages", raised: add(folioWith(), 5), silent: add(folioWith(), 4) },
  {
    warning: "folioAboveMapcountMax",
    config: "32bit,mm-id-mapcount-max=3",
    raised: add(folioWith({ nrPages: 8 })),
    silent: add(folioWith({ nrPages: 4 })),
  },
  {
    warning: "freeSlotCounts",
    raised: sub({ ...folioWith({ mapcount: 1 }), slots: [free0(0), free0(-1)] }),
    silent: sub({ ...folioWith({ mapcount: 1 }), slots: [free0(-1), free0(-1)] }),
  },
  {
    warning: "freeSlotCounts",
    raised: add({ ...folioWith(), slots: [free0(-1), free0(-2)] }),
    silent: add({ ...folioWith(), slots: [free0(-1), free0(-1)] }),
  },
  {
    warning: "takenSlotEmpty",
    raised: add(folioWith({ mapcount: 1, slots: ["A0", "-"] })),
    silent: add(folioWith({ mapcount: 1, slots: ["A1", "-"] })),
  },
  {
    warning: "takenSlotEmpty",
    raised: sub(folioWith({ mapcount: 1, slots: ["-", "B0"] })),
    silent: sub(folioWith({ mapcount: 2, slots: ["-", "B1"] })),
  },
  {
    warning: "unmappedButShared",
    raised: add(folioWith({ mmIdsShared: true })),
    silent: add(folioWith({ mmIdsShared: true, mapcount: 1 })),
  },
  { warning: "newFolioTracked", raised: set(folioWith({ slots: ["B1", "-"] })), silent: set(folioWith()) },
  { warning: "newFolioTracked", raised: set(folioWith({ slots: ["-", "B1"] })), silent: set(folioWith()) },
  {
    warning: "badPageMapcount",
    raised: free(folioWith({ pageMapcounts: [0, 0, 0, 1] })),
    silent: free(folioWith()),
  },
  {
    warning: "badPageMapcount",
    raised: free(folioWith({ nrPages: 1, pageMapcounts: [1] })),
    silent: free(folioWith({ nrPages: 1, mapcount: 1, slots: ["A1", "-"], onDeferredList: true })),
  },
  { warning: "badLargeMapcount", raised: free(folioWith({ mapcount: 1 })), silent: free(folioWith()) },
  { warning: "badNrPagesMapped", raised: free(folioWith({ nrPagesMapped: 1 })), silent: free(folioWith()) },
  { warning: "badMmIdMapcount", raised: free(folioWith({ slots: ["A1", "-"] })), silent: free(folioWith()) },
  {
    // Neither the ids nor the shared bit are checked.
    warning: "badMmIdMapcount",
    raised: free(folioWith({ slots: ["-", "B1"] })),
    silent: free(folioWith({ slots: ["A0", "B0"], mmIdsShared: true })),
  },
  { warning: "badEntireMapcount", raised: free(folioWith({ entireMapcount: 0 })), silent: free(folioWith()) },
  {
    // On 32-bit the field is in the second tail page.
    warning: "badEntireMapcount",
    config: "32bit",
    raised: free(folioWith({ entireMapcount: 0 })),
    silent: free(folioWith({ nrPages: 2, entireMapcount: 0 })),
  },
  { warning: "badPincount", raised: free(folioWith({ pincount: 1 })), silent: free(folioWith()) },
  {
    // On 32-bit the field is in the second tail page, too.
    warning: "badPincount",
    config: "32bit",
    raised: free(folioWith({ pincount: 1 })),
    silent: free(folioWith({ nrPages: 2, pincount: 1 })),
  },
  {
    warning: "badTotalMappedPages",
    config: "no-page-mapcount",
    kernel: "rfc-2026-04",
    raised: free(folioWith({ totalMappedPages: 1 })),
    silent: free(folioWith({ entireMapcount: 0 })),
  },
  { warning: "freedLocked", raised: free(folioWith({ locked: true })), silent: free(folioWith()) },
  {
    warning: "exclusiveMappedTwice",
    raised: map({ nrPages: 1, pageMapcounts: [1], exclusive: [true] }, false),
    silent: map({ nrPages: 1, pageMapcounts: [1] }, false),
  },
  {
    warning: "exclusiveMappedTwice",
    raised: map({ mapcount: 1, slots: ["A1", "-"], pageMapcounts: [1] }, true),
    silent: map({ mapcount: 1, slots: ["A1", "-"], pageMapcounts: [0, 1] }, true),
  },
  {
    warning: "exclusiveMappedTwice",
    config: "no-page-mapcount",
    raised: map({ mapcount: 2, slots: ["A2", "-"], entireMapcount: 1 }, true),
    silent: map({ mapcount: 1, slots: ["A1", "-"], entireMapcount: 0, pageMapcounts: [1] }, true),
  },
  {
    warning: "sharedBefore",
    raised: (kernel) => kernel.folioTryShareAnonRmap(folioWith({ anon: true, exclusive: [true] }), 1),
    silent: (kernel) => kernel.folioTryShareAnonRmap(folioWith({ anon: true, exclusive: [false, true] }), 1),
  },
  {
    warning: "pinnedNotExclusive",
    raised: (kernel) => kernel.sanityCheckPinnedPages(folioWith({ anon: true, exclusive: [false, true] }), 2),
    silent: (kernel) => {
      kernel.sanityCheckPinnedPages(folioWith({ anon: true, exclusive: [false, false, true] }), 2);
      kernel.sanityCheckPinnedPages(folioWith({ anon: true, exclusive: [true] }), 2);
      kernel.sanityCheckPinnedPages(folioWith({ anon: false }), 2);
    },
  },
  { warning: "exclusiveAfterFork", raised: fork(true), silent: fork(false) },
  { warning: "exclusiveInSwap", raised: swapIn(true), silent: swapIn(false) },
  { warning: "writableNotExclusive", raised: migrate(false), silent: migrate(true) },
  { warning: "reuseAboveRefcount", raised: reuseWhileMapped, silent: reuse({}) },
  { warning: "reuseAbovePages", raised: reuse({ mapcount: 5, refcount: 5 }), silent: reuse({}) },
  { warning: "reuseWhilePmdMapped", raised: reuse({ entireMapcount: 0 }), silent: reuse({}) },
  { warning: "reuseByUntracked", raised: reuse({ slots: ["B4", "-"] }), silent: reuse({ slots: ["B4", "A4"] }) },
  ...(["reusedWhileReachable", "copiedThoughAlone", "pinnedWhileShared"] as const).map(
    (warning): Row => ({ warning, raised: decide(Warning[warning], false), silent: decide(Warning[warning], true) }),
  ),
  {
    warning: "onDeferredList",
    raised: (kernel) => kernel.freePagesPrepare(folioWith({ onDeferredList: true })),
    silent: (kernel) => kernel.freePagesPrepare(folioWith({ nrPages: 2, onDeferredList: true })),
  },
  {
    warning: "badPte",
    config: "no-mm-id",
    raised: zapAfter((world) => {
      Object.assign(world.folios[0] as object, { largeMapcount: 2 });
    }),
    silent: zapAfter(() => {}),
  },
];

function free0(mapcount: number): { mmId: number; mapcount: number } {
  return { mmId: 0, mapcount };
}

/** Warnings of claims about whole operations: tested in test/invariants/progress.test.ts and by faulty kernels. */
const ASSERTED: readonly number[] = [
  Warning.neverExclusive,
  Warning.usedAfterFree,
  Warning.notSplit,
  Warning.notSplitByShrinker,
  Warning.notUnmappedForMigration,
  Warning.notMigrated,
  Warning.notAddedToSwap,
  Warning.notUnmappedForSwap,
  Warning.notSwappedOut,
  Warning.notCollapsed,
  Warning.ownerLeftInPrivate,
];

describe("The kernel warns exactly when it should", () => {
  it.each(ROWS)(
    "The kernel warns exactly when it should: $warning ($config)",
    ({ warning, config = "", kernel: name, raised, silent }) => {
      const kernel = kernelIn(config, name);
      silent(kernel);
      expect(kernel.warnings.first).toBe(0);
      raised(kernel);
      expect(warningName(kernel.warnings.first)).toBe(warning);
    },
  );

  it("The kernel warns exactly when it should for every warning but those that claims about whole operations assert", () => {
    const kernels = Object.keys(Warning).filter((name) => !ASSERTED.includes(Warning[name as keyof typeof Warning]));
    expect(new Set(ROWS.map((row) => row.warning))).toEqual(new Set(kernels));
  });

  it("The kernel counts how often it evaluates a claim about a decision", () => {
    const { warnings } = freshKernel();
    warnings.assert(Warning.copiedThoughAlone, true);
    warnings.assert(Warning.copiedThoughAlone, false);
    warnings.assert(Warning.reusedWhileReachable, false);
    expect(warnings.first).toBe(Warning.copiedThoughAlone);
    expect([Warning.copiedThoughAlone, Warning.reusedWhileReachable].map((code) => warnings.evaluations[code])).toEqual(
      [...[2, 1]],
    );
  });

  it("the log stores the first warning", () => {
    const kernel = freshKernel();
    kernel.vmWarnOn(true, Warning.badPte);
    kernel.vmWarnOn(true, Warning.onDeferredList);
    kernel.vmWarnOn(false, Warning.notLarge);
    expect(kernel.warnings.first).toBe(Warning.badPte);
  });

  it.each([{ config: "no-mm-id" }])("without CONFIG_MM_ID there are no slots to check ($config)", ({ config }) => {
    const kernel = freshKernel(config);
    add(folioWith({ slots: ["A0", "B0"], mmIdsShared: true }), 0, mmWithoutId)(kernel);
    free(folioWith({ slots: ["A1", "B1"] }))(kernel);
    expect(kernel.warnings.first).toBe(0);
  });

  it("without CONFIG_PAGE_MAPCOUNT there is no _nr_pages_mapped to check", () => {
    const kernel = freshKernel("no-page-mapcount");
    free(folioWith({ nrPagesMapped: 1 }))(kernel);
    expect(kernel.warnings.first).toBe(0);
  });
});

describe("Warnings", () => {
  it("Warnings have distinct codes, and each belongs to one claim", () => {
    const codes = Object.values(Warning);
    expect(new Set(codes).size).toBe(codes.length);
    const claimed = (["C4", "C5", "C6", "C9", "C10", "C11"] as const).flatMap(warningsOf);
    const decisions: number[] = [Warning.reusedWhileReachable, Warning.copiedThoughAlone, Warning.pinnedWhileShared];
    expect([...claimed, ...decisions, ...ASSERTED].toSorted((a, b) => a - b)).toEqual(codes.toSorted((a, b) => a - b));
    expect(codes.every((code) => code > 0)).toBe(true);
  });

  it("Warnings have a name, the functions that warn, and a sentence", () => {
    expect(kernelWarning(Warning.badPte)).toEqual({
      kind: "kernel-warning",
      name: "badPte",
      by: ["zap_present_folio_ptes"],
    });
    expect(namedWarningText("badPte")).toBe(
      "zap_present_folio_ptes() warns: bad pte: the folio's mapcount is negative",
    );
    expect(namedWarningText("writableNotExclusive")).toMatch(
      /^do_swap_page\(\), try_to_migrate_one\(\) or remove_migration_pmd\(\) warns: /,
    );
    expect(namedWarningText("pinnedWhileShared")).toBe("a page was pinned although another MM can reach it");
    expect(kernelWarning(0)).toBeUndefined();
  });

  it("Warnings of a kernel are violations of the claim that they belong to", () => {
    const kernel = { ...freshKernel(), folioUnqueueDeferredSplit() {} };
    const { model } = rmapSubject({}, "", kernel);
    const { violations } = search(compile(model), { symmetry: true });
    const found = violations.map((each) => [model.properties[each.property]?.id, each.warning]);
    expect(found).toEqual([["C4.bad-page", Warning.onDeferredList]]);
  });
});
