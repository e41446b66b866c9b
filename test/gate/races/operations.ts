/** Calls of kernel functions in threads, and states to call them on. */

import { at } from "../../../explore/model/schema.ts";
import { Random } from "../../../explore/simulation/random.ts";
import type { GateConfiguration } from "../../../gate/tree/configuration.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { ENTIRELY_MAPPED, type Folio, type KernelState, type Mm } from "../../../model/state/structs.ts";
import { folioWith, kernelStateWith } from "../../model/structs.ts";

/** A call. */
export interface Operation {
  readonly name: string;
  /** Whether the folio must be large; whether it must have the size of a PMD. */
  readonly needs?: "large" | "pmd";
  /** Whether it requires an anon folio. */
  readonly anon?: true;
  /** Whether the kernel could call the function in a state; absent if it always could. */
  readonly mayRun?: (given: Mappings) => boolean;
  /** @returns the result of the function */
  readonly run: (kernel: Kernel, machine: KernelState, folio: Folio, a: Mm, b: Mm) => unknown;
}

/** Mappings of the folio by the two MMs of an operation. */
interface Mappings {
  readonly folio: Folio;
  /** Pages that an MM maps by PTEs, as bits; whether it maps the folio by a PMD. */
  readonly a: { readonly pages: number; readonly pmd: boolean };
  readonly b: { readonly pages: number; readonly pmd: boolean };
}

const all = ({ nrPages }: Folio): number => (1 << nrPages) - 1;
const lastBit = ({ nrPages }: Folio): number => 1 << (nrPages - 1);
const mapsAll = ({ folio, a }: Mappings): boolean => a.pages === all(folio);
const mapsLast = ({ folio, a }: Mappings): boolean => (a.pages & lastBit(folio)) !== 0;
const mapsNone = ({ a }: Mappings): boolean => a.pages === 0;

const last = ({ nrPages }: Folio): number => nrPages - 1;

/** Calls of every function with C code, with all relevant arguments. */
export const THREAD_OPERATIONS: readonly Operation[] = [
  {
    name: "set large mapcount",
    needs: "large",
    mayRun: ({ folio }) => folio.largeMapcount < 0 && folio.slots.every(({ mmId }) => mmId === 0),
    run: (k, _, f, a) => k.folioSetLargeMapcount(f, f.nrPages, a),
  },
  {
    name: "add large mapcount",
    needs: "large",
    mayRun: ({ a }) => a.pages === 0,
    run: (k, _, f, a) => k.folioAddReturnLargeMapcount(f, 2, a),
  },
  {
    name: "sub large mapcount",
    needs: "large",
    mayRun: mapsAll,
    run: (k, _, f, a) => k.folioSubReturnLargeMapcount(f, 2, a),
  },
  { name: "add all file PTEs", run: (k, m, f, a) => k.folioAddFileRmapPtes(m.stats, f, 0, f.nrPages, a) },
  { name: "add file PMD", needs: "pmd", run: (k, m, f, a) => k.folioAddFileRmapPmd(m.stats, f, a) },
  {
    name: "add one anon PTE",
    anon: true,
    mayRun: (given) => !mapsLast(given),
    run: (k, m, f, a) => k.folioAddAnonRmapPtes(m.stats, f, last(f), 1, a, false),
  },
  {
    name: "add all anon PTEs, exclusive",
    anon: true,
    mayRun: mapsNone,
    run: (k, m, f, a) => k.folioAddAnonRmapPtes(m.stats, f, 0, f.nrPages, a, true),
  },
  {
    name: "add anon PMD",
    anon: true,
    needs: "pmd",
    mayRun: ({ a }) => !a.pmd,
    run: (k, m, f, a) => k.folioAddAnonRmapPmd(m.stats, f, a, false),
  },
  {
    name: "add anon PMD, exclusive",
    anon: true,
    needs: "pmd",
    mayRun: ({ a, folio }) => !a.pmd && folio.entireMapcount < 0,
    run: (k, m, f, a) => k.folioAddAnonRmapPmd(m.stats, f, a, true),
  },
  {
    name: "new anon folio",
    mayRun: ({ folio }) => folio.largeMapcount < 0,
    run: (k, m, f, a) => k.folioAddNewAnonRmap(m.stats, f, a, true),
  },
  { name: "remove one PTE", mayRun: mapsLast, run: (k, m, f, a) => k.folioRemoveRmapPtes(m.stats, f, last(f), 1, a) },
  { name: "remove all PTEs", mayRun: mapsAll, run: (k, m, f, a) => k.folioRemoveRmapPtes(m.stats, f, 0, f.nrPages, a) },
  {
    name: "remove PMD",
    needs: "pmd",
    mayRun: ({ a }) => a.pmd,
    run: (k, m, f, a) => k.folioRemoveRmapPmd(m.stats, f, a),
  },
  { name: "dup one file PTE", run: (k, _, f, a, b) => k.folioDupFileRmapPtes(f, 0, 1, b, a) },
  { name: "dup all file PTEs", needs: "large", run: (k, _, f, a, b) => k.folioDupFileRmapPtes(f, 0, f.nrPages, b, a) },
  {
    name: "dup one anon PTE",
    anon: true,
    mayRun: (given) => mapsLast(given) && (given.b.pages & lastBit(given.folio)) === 0,
    run: (k, _, f, a, b) => k.folioTryDupAnonRmapPtes(f, last(f), 1, b, a),
  },
  {
    name: "dup all anon PTEs",
    anon: true,
    needs: "large",
    mayRun: (given) => mapsAll(given) && given.b.pages === 0,
    run: (k, _, f, a, b) => k.folioTryDupAnonRmapPtes(f, 0, f.nrPages, b, a),
  },
  {
    name: "dup anon PMD",
    anon: true,
    needs: "pmd",
    mayRun: ({ a, b }) => a.pmd && !b.pmd,
    run: (k, _, f, a, b) => k.folioTryDupAnonRmapPmd(f, b, a),
  },
  // For a PMD it is the first page.
  {
    name: "share a page",
    anon: true,
    mayRun: ({ folio }) => folio.pages.every(({ anonExclusive }) => anonExclusive),
    run: (k, _, f) => k.folioTryShareAnonRmap(f, f.hpagePmdNr === 0 ? last(f) : 0),
  },
  { name: "queue, partially mapped", needs: "large", run: (k, _, f) => k.deferredSplitFolio(f, true) },
  { name: "queue", needs: "large", run: (k, _, f) => k.deferredSplitFolio(f, false) },
  {
    name: "reuse",
    anon: true,
    needs: "large",
    mayRun: mapsLast,
    run: (k, m, f, a) => k.wpCanReuseLargeAnonFolio(m, f, a),
  },
  { name: "maybe mapped shared", run: (k, _, f) => k.folioMaybeMappedShared(f) },
  { name: "mapcount", run: (k, _, f) => k.folioMapcount(f) },
  { name: "expected references", run: (k, _, f) => k.folioExpectedRefCount(f) },
  { name: "average mapcount", run: (k, _, f) => k.folioAveragePageMapcount(f) },
  {
    name: "precise mapcount",
    run: (k, _, f) => (k.config.pageMapcount ? k.folioPrecisePageMapcount(f, last(f)) : 0),
  },
];

/** Runs an operation on the folio of a state, for its first two MMs. @returns the result of the kernel function */
export function runOperation({ run }: Operation, kernel: Kernel, machine: KernelState): unknown {
  return run(kernel, machine, at(machine.folios, 0), at(machine.mms, 0), at(machine.mms, 1));
}

/** Whether an operation is applicable to a folio. */
export function isPossible({ needs, anon }: Operation, folio: Folio): boolean {
  const { nrPages, hpagePmdNr } = folio;
  if (anon === true && !folio.anon) {
    return false;
  }
  return needs === undefined || (needs === "large" ? nrPages > 1 : nrPages > 1 && nrPages === hpagePmdNr);
}

/** Whether the kernel could call the function on the folio of a state, for the first two MMs. */
export function mayRun({ mayRun: condition }: Operation, machine: KernelState): boolean {
  const mappings = machine.mms.slice(0, 2).map(({ vmas }) => ({
    pages: at(vmas, 0).ptes.reduce((mask, { folio, page }) => mask | (folio === 0 ? 0 : 1 << page), 0),
    pmd: at(vmas, 0).pmd.folio !== 0,
  }));
  const [a, b] = mappings as [Mappings["a"], Mappings["b"]];
  return condition === undefined || condition({ folio: at(machine.folios, 0), a, b });
}

/** Contents of a folio. */
export interface FolioKind {
  readonly nrPages: number;
  readonly hpagePmdNr: number;
  readonly anon: boolean;
}

/**
 * Generates a state with one folio that three MMs may have used.
 *
 * @param isExact whether all counts are correct; if false, the large mapcount is wrong in one state of four
 */
export function randomMachine(
  seed: number,
  kind: FolioKind,
  configuration: GateConfiguration,
  isExact: boolean = false,
): KernelState & { mms: Mm[] } {
  const { nrPages, hpagePmdNr, anon } = kind;
  const { pageMapcount, mmId } = configuration;
  const random = new Random(seed, 0);
  const once = (times: number): boolean => random.below(times) === 0;
  const masks = [0, 1, 2].map(() => (once(3) ? 0 : random.below(1 << nrPages)));
  const pmds = [0, 1, 2].map(() => nrPages > 1 && nrPages === hpagePmdNr && once(3));
  const ptesOf = (mask: number): number => mask.toString(2).split("1").length - 1;
  const countOf = (mm: number): number => ptesOf(masks[mm] as number) + (pmds[mm] ? 1 : 0);
  const counts = [0, 1, 2].map(countOf);
  const mapcount = counts.reduce((sum, each) => sum + each, 0);
  const pageMapcounts = Array.from({ length: nrPages }, (_, page) =>
    pageMapcount || nrPages === 1 ? masks.filter((mask) => ((mask >> page) & 1) !== 0).length : 0,
  );
  const entire = pmds.filter((each) => each).length;
  const owners = [0, 1, 2].filter((mm) => countOf(mm) > 0).sort(() => random.below(3) - 1);
  const slots = [0, 1].map((slot) => {
    const owner = owners[slot];
    if (owner === undefined || !mmId || once(5)) {
      return { mmId: 0, mapcount: -1 };
    }
    return { mmId: owner + 1, mapcount: random.below(countOf(owner) + (once(3) ? 1 : 0)) };
  });
  const swapcache = anon && once(6);
  const partiallyMapped = mmId && nrPages > 2 && once(4);
  const folio = folioWith({
    nrPages,
    hpagePmdNr,
    anon,
    mapcount,
    refcount: mapcount + (once(2) ? 0 : random.below(3)) + (swapcache ? nrPages : 0),
    pageMapcounts,
    entireMapcount: entire - 1,
    nrPagesMapped:
      pageMapcount && nrPages > 1
        ? pageMapcounts.filter((each) => each > 0).length + (entire > 0 ? ENTIRELY_MAPPED : 0)
        : 0,
    mmIdsShared: mmId && nrPages > 1 && (owners.length > 1 ? !once(6) : once(4)),
    exclusive: Array.from({ length: nrPages }, () => anon && once(3)),
    locked: once(8),
    swapcache,
    partiallyMapped,
    onDeferredList: partiallyMapped || (mmId && nrPages > 2 && once(6)),
  });
  folio.slots.forEach((slot, i) => {
    Object.assign(slot, nrPages > 1 ? slots[i] : {});
  });
  if (!isExact && once(4)) {
    folio.largeMapcount = random.below(4) - 1;
  }
  const ptes = masks.map((mask) =>
    Array.from({ length: nrPages }, (_, page) => ((mask >> page) & 1 ? `a${page}` : "-")).join(" "),
  );
  const machine = kernelStateWith({ folios: [folio], ptes, swapCounts: [once(2) ? 1 : 0, 0, 0, 0] });
  machine.mms.forEach((mm, i) => {
    mm.hasPinned = once(2);
    at(mm.vmas, 0).pmd.folio = pmds[i] ? 1 : 0;
  });
  at(machine.folios, 0).pincount = nrPages > 2 && once(3) ? 1 : 0;
  return machine as KernelState & { mms: Mm[] };
}
