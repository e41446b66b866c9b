/** Small hand-written reports. Their traces are executions: real-traces.test.ts executes them on the model. */

import { notChecked } from "../../invariants/not-checked.ts";
import { freshWorldFolio } from "../../model/state/fresh-folio.ts";

import type { World } from "../../model/state/world.ts";
import type { Diagnostic } from "../../verify/report/diagnostic.ts";
import {
  type PropertyReport,
  REPORT_VERSION,
  type RunReport,
  type SuiteReport,
  TRACE_VERSION,
  type TraceReport,
} from "../../verify/report/report.ts";
import { entries, from, inLine, folio as ofFolio, mm as ofMm, pages as ofPages, order, ran } from "./call-trees.ts";

/** Name of a faulty kernel: removal of mappings checks only slot 0. */
export const FAULTY = "sub-looks-at-slot-0-only";

const CONFIG = "page-mapcount,64bit,mm-id";

type Folio = World["folios"][number];
type Mm = World["mms"][number];
type Pte = Mm["vmas"][number]["ptes"][number];

/** Free folio. */
const FREE: Folio = { ...freshWorldFolio(4), hpagePmdNr: 0, frameNumber: 1 };

function pages(count: number, mapcount: number, anonExclusive: boolean): Folio["pages"] {
  return Array.from({ length: count }, () => ({ mapcount, anonExclusive, content: 0 }));
}

function stats(nrAnonMapped: number): World["stats"] {
  return { nrAnonMapped, nrFileMapped: 0, nrAnonThps: 0, nrFilePmdmapped: 0 };
}

const NO_ENTRY = { folio: 0, writable: false, migration: false, exclusive: false };

/** Creates an MM whose only VMA maps the given pages of folio A; null for an empty entry. */
function mm(position: number, live: boolean, entries: readonly (number | null)[], writable: boolean = false): Mm {
  const none: Pte = { ...NO_ENTRY, page: 0, swap: false, expected: 0 };
  const ptes = entries.map((page): Pte => (page === null ? none : { ...none, folio: 1, page, writable }));
  return {
    idNumber: position + 1,
    hasId: live,
    hasPinned: false,
    live,
    vmas: [{ anonymous: true, pmd: NO_ENTRY, ptes }],
  };
}

/** Fields of states that other scopes require. */
const REST = { swapSlots: [], filePages: [], holders: [] };

const NOTHING = [null, null, null, null];
const ALL = [0, 1, 2, 3];

const initial: World = {
  stats: stats(0),
  mms: [mm(0, true, NOTHING), mm(1, false, NOTHING)],
  folios: [FREE],
  ...REST,
};

const faulted: World = {
  stats: stats(4),
  mms: [mm(0, true, ALL, true), mm(1, false, NOTHING)],
  folios: [
    {
      ...FREE,
      allocated: true,
      anon: true,
      nrPages: 4,
      refcount: 4,
      largeMapcount: 3,
      nrPagesMapped: 4,
      slots: [
        { mmId: 1, mapcount: 3 },
        { mmId: 0, mapcount: -1 },
      ],
      pages: pages(4, 0, true),
    },
  ],
  ...REST,
};

const forked: World = {
  stats: stats(4),
  mms: [mm(0, true, ALL), mm(1, true, ALL)],
  folios: [
    {
      ...(faulted.folios[0] as Folio),
      refcount: 8,
      largeMapcount: 7,
      mmIdsShared: true,
      slots: [
        { mmId: 1, mapcount: 3 },
        { mmId: 2, mapcount: 3 },
      ],
      pages: pages(4, 1, false),
    },
  ],
  ...REST,
};

const unmapped: World = {
  stats: stats(4),
  mms: [mm(0, true, ALL), mm(1, true, [0, 1, null, null])],
  folios: [
    {
      ...(forked.folios[0] as Folio),
      refcount: 6,
      largeMapcount: 5,
      // The fault: slot 1 is unchanged.
      pages: [...pages(2, 1, false), ...pages(2, 0, false)],
    },
  ],
  ...REST,
};

/** Trace of an anon fault, a fork, and a munmap() after which a slot counts more mappings than its MM has. */
export const rmapTrace: TraceReport = {
  format: "foliocheck-trace",
  version: TRACE_VERSION,
  machine: "rmap",
  kernel: FAULTY,
  config: CONFIG,
  bounds: { pages: 4, minPages: 4, mms: 2, folios: 1, anon: 1, file: 0 },
  property: "C8",
  claim: "A slot never counts more mappings than its MM really has",
  source: "follows from series v3 12/20",
  faults: [{ folio: 0, ownerSlot: 1, mm: 1, field: "_mm_id_mapcount", actual: 4, expected: { most: 2 } }],
  initial: 0,
  state: initial,
  steps: [
    {
      action: "anonFault",
      parameters: { mm: 0, first: 0, pages: 4 },
      call: "anonFault(mm: 0, first: 0, pages: 4)",
      functions: [
        {
          calls: [
            ran("folio_alloc", [order(2)], [], ofFolio(0)),
            ran(
              "do_anonymous_page",
              [ofMm(0), entries(0, 4), ofFolio(0)],
              [
                ran(
                  "folio_add_new_anon_rmap",
                  [ofFolio(0), ofMm(0), "RMAP_EXCLUSIVE"],
                  [ran("folio_set_large_mapcount", [ofFolio(0), 4, ofMm(0)], [inLine("setMmIdSlot")])],
                ),
              ],
            ),
          ],
        },
      ],
      state: faulted,
    },
    {
      action: "fork",
      parameters: { parent: 0, child: 1 },
      call: "fork(parent: 0, child: 1)",
      functions: [
        {
          calls: [
            ran("mm_alloc_id", [ofMm(1)]),
            ran(
              "copy_pte_range",
              [ofMm(1), from(0)],
              [
                ran(
                  "folio_try_dup_anon_rmap_ptes",
                  [ofFolio(0), ofPages(0, 4), ofMm(1), from(0)],
                  [
                    ran(
                      "__folio_try_dup_anon_rmap",
                      [ofFolio(0), ofPages(0, 4), ofMm(1), from(0), "pte"],
                      [ran("folio_add_return_large_mapcount", [ofFolio(0), 4, ofMm(1)], [inLine("takeMmIdSlot")], 8)],
                    ),
                  ],
                ),
                ran("__copy_present_ptes", [entries(0, 4)]),
              ],
            ),
          ],
        },
      ],
      state: forked,
    },
    {
      action: "unmap",
      parameters: { mm: 1, vma: 0, first: 2, count: 2 },
      call: "unmap(mm: 1, vma: 0, first: 2, count: 2)",
      functions: [
        {
          calls: [
            ran(
              "zap_pte_range",
              [ofMm(1), entries(2, 2)],
              [
                ran(
                  "zap_present_folio_ptes",
                  [ofFolio(0), ofMm(1), entries(2, 2)],
                  [
                    ran(
                      "folio_remove_rmap_ptes",
                      [ofFolio(0), ofPages(2, 2), ofMm(1)],
                      [
                        ran(
                          "__folio_remove_rmap",
                          [ofFolio(0), ofPages(2, 2), ofMm(1), "pte"],
                          [ran("folio_sub_return_large_mapcount", [ofFolio(0), 2, ofMm(1)], [], 6)],
                        ),
                      ],
                    ),
                    ran("folio_put_refs", [ofFolio(0), 2]),
                  ],
                ),
              ],
            ),
          ],
        },
      ],
      state: unmapped,
    },
  ],
};

/** Trace of machine owner-tracking: a witness of untracked mappings. */
export const countsTrace: TraceReport = {
  format: "foliocheck-trace",
  version: TRACE_VERSION,
  machine: "owner-tracking",
  kernel: "v7.1",
  config: CONFIG,
  bounds: { pages: 4, mms: 3 },
  property: "W1",
  claim:
    "A folio is reported as maybe mapped shared although a single MM maps it: the MMs that were tracked left, the one " +
    "that stays was never tracked",
  source: "series v3 12/20, second example of the patch description",
  initial: 0,
  state: counts([0, 0, 0], -1, false, [0, -1], [0, -1]),
  steps: [
    countsStep("map", 0, 1, counts([1, 0, 0], 0, false, [1, 0], [0, -1])),
    countsStep("map", 1, 1, counts([1, 1, 0], 1, true, [1, 0], [2, 0])),
    countsStep("map", 2, 2, counts([1, 1, 2], 3, true, [1, 0], [2, 0])),
    countsStep("unmap", 0, 1, counts([0, 1, 2], 2, true, [0, -1], [2, 0])),
    countsStep("unmap", 1, 1, counts([0, 0, 2], 1, true, [0, -1], [0, -1])),
  ],
};

function counts(
  mapped: readonly number[],
  largeMapcount: number,
  mmIdsShared: boolean,
  ...slots: readonly (readonly [mmId: number, mapcount: number])[]
): unknown {
  return {
    mms: mapped.map((each, i) => ({ mapped: each, idNumber: i + 1, hasId: true, hasPinned: false })),
    folio: {
      nrPages: 4,
      largeMapcount,
      mmIdsShared,
      slots: slots.map(([mmId, mapcount]) => ({ mmId, mapcount })),
      pages: [],
    },
  };
}

function countsStep(action: "map" | "unmap", mm: number, count: number, state: unknown): TraceReport["steps"][number] {
  const { folio } = state as { folio: { largeMapcount: number } };
  const verb = action === "map" ? "add" : "sub";
  // There is no free slot for the third MM; the others unmap the folio completely.
  const slot = action === "unmap" ? inLine("subFromMmIdSlot", [inLine("freeMmIdSlot")]) : inLine("takeMmIdSlot");
  return {
    action,
    parameters: { mm, pages: count },
    call: `${action}(mm: ${mm}, pages: ${count})`,
    functions: [
      {
        calls: [
          ran(
            `folio_${verb}_return_large_mapcount`,
            [{ kind: "folio" }, count, ofMm(mm)],
            mm === 2 ? [] : [slot],
            folio.largeMapcount + 1,
          ),
        ],
      },
    ],
    state,
  };
}

/** Fields of a property's report that differ from the defaults. */
type Unusual = Partial<PropertyReport> & Pick<PropertyReport, "id" | "claim">;

function property(unusual: Unusual): PropertyReport {
  return {
    source: "series v3 12/20",
    kind: "always",
    verdict: "holds",
    checked: 1_234,
    vacuous: false,
    trace: null,
    ...unusual,
  };
}

const C17 = property({
  id: "C17",
  claim: "After a 32-bit slot overflow, a folio that two or more MMs map is never reported as mapped exclusively",
  checked: 0,
  vacuous: true,
});

/** Run that violates C8, with arbitrary counts. */
export const violatedRun: RunReport = {
  format: "foliocheck-report",
  version: REPORT_VERSION,
  command: "check",
  mode: "first-violation",
  machine: "rmap",
  kernel: FAULTY,
  config: CONFIG,
  bounds: rmapTrace.bounds,
  verdict: "violated",
  states: 1_234,
  transitions: 56_789,
  depth: 3,
  symmetry: true,
  properties: [
    property({ ...pick(rmapTrace), verdict: "violated", trace: rmapTrace }),
    property({
      id: "C5",
      claim: "No sanity check of the large mapcount functions warns",
      kind: "warning",
      verdict: "incomplete",
      checked: 56_789,
    }),
  ],
  actions: [
    { name: "newMm", enabled: 321, newStates: 12 },
    { name: "fork", enabled: 4_567, newStates: 1_000 },
    { name: "unmap", enabled: 50_000, newStates: 221 },
    { name: "exit", enabled: 0, newStates: 0 },
    { name: "anonFault", enabled: 1_901, newStates: 1 },
  ],
  seconds: 0.123,
  cpuSeconds: 0.2,
  tableBytes: 2_345_678,
  peakMemoryBytes: 87_654_321,
  notChecked: [
    notChecked({ property: "C9.contents" }, "there are no contents of pages"),
    notChecked({ property: "C11.entries" }, "there is no swap"),
    notChecked({ property: "C9.held" }, "there are no contents of pages"),
    notChecked("PMD mappings, swap and migration"),
    notChecked("Concurrency", "whole operations are atomic"),
  ],
};

function pick({ property: id, claim, source }: TraceReport): Pick<PropertyReport, "id" | "claim" | "source"> {
  return { id, claim, source };
}

/** Run that violates C8, with an execution that violates two more properties. */
export const threefoldRun: RunReport = {
  ...violatedRun,
  properties: [
    ...violatedRun.properties.slice(0, 1),
    alsoViolated("C1", "A folio that is reported as mapped exclusively is mapped by at most one MM", "cover letter"),
    alsoViolated("C5.slots", "No sanity check of the slots warns", "series v3 12/20", {
      kind: "kernel-warning",
      name: "takenSlotEmpty",
      by: ["__folio_large_mapcount_sanity_checks"],
    }),
  ],
};

function alsoViolated(id: string, claim: string, source: string, warning?: Diagnostic): PropertyReport {
  const trace = { ...rmapTrace, property: id, claim, source, ...(warning === undefined ? {} : { warning }) };
  return { ...(violatedRun.properties[0] as PropertyReport), id, claim, source, trace };
}

/** Run of machine owner-tracking that holds, with arbitrary counts. */
export const goodRun: RunReport = {
  ...violatedRun,
  machine: "owner-tracking",
  bounds: countsTrace.bounds,
  verdict: "holds",
  states: 12_345_678,
  transitions: 296_296_272,
  depth: 12,
  symmetry: false,
  properties: [
    property({ ...pick(rmapTrace), checked: 12_345_678 }),
    C17,
    property({ ...pick(countsTrace), kind: "sometimes", verdict: "reached", checked: 77, trace: countsTrace }),
  ],
  actions: [
    { name: "map", enabled: 148_148_136, newStates: 12_345_000 },
    { name: "unmap", enabled: 148_148_136, newStates: 677 },
  ],
  seconds: 23.4,
  cpuSeconds: 24.1,
};

/** Run of an image, with reached lines. */
export const imageRun: RunReport = {
  ...goodRun,
  machine: "image",
  kernel: "tree",
  coverage: [
    { file: "include/linux/mm.h", code: [[20, 23]], reached: [[20, 21]] },
    { file: "mm/gup.c", code: [[1, 2]], reached: [] },
    {
      file: "mm/memory.c",
      code: [
        [7, 7],
        [9, 1106],
      ],
      reached: [[7, 7]],
    },
    { file: "mm/rmap.c", code: [[30, 32]], reached: [[30, 32]] },
    { file: "mm/shmem.c", code: [[5, 5]], reached: [] },
  ],
};

/** Run with an unreached witness. */
export const unreachedRun: RunReport = {
  ...goodRun,
  config: "no-page-mapcount,64bit,mm-id",
  verdict: "unreached",
  properties: [property({ ...pick(countsTrace), kind: "sometimes", verdict: "unreached", checked: 12_345_678 })],
};

/** Incomplete run. */
export const incompleteRun: RunReport = {
  ...goodRun,
  bounds: { pages: 8, mms: 4 },
  verdict: "incomplete",
  stopped: "max-memory",
  properties: [
    property({ ...pick(rmapTrace), verdict: "incomplete" }),
    property({ ...pick(countsTrace), kind: "sometimes", verdict: "reached", trace: countsTrace }),
  ],
};

const RUNS = [goodRun, violatedRun, unreachedRun, incompleteRun];

function sum(of: (run: RunReport) => number): number {
  return RUNS.reduce((total, run) => total + of(run), 0);
}

/** Suite of these runs. */
export const suite: SuiteReport = {
  format: "foliocheck-report",
  version: REPORT_VERSION,
  command: "verify",
  verdict: "violated",
  profile: "quick",
  kernel: FAULTY,
  runs: RUNS,
  claims: [
    { ...pick(rmapTrace), verdict: "violated", runs: [0, 1, 3] },
    {
      id: "C5",
      claim: "No sanity check of the large mapcount functions warns",
      source: "12/20",
      verdict: "incomplete",
      runs: [1],
    },
    { id: "C17", claim: C17.claim, source: C17.source, verdict: "holds", runs: [0] },
    { ...pick(countsTrace), verdict: "unreached", runs: [0, 2, 3] },
  ],
  proofs: [
    {
      topic: "tracking",
      config: "page-mapcount,64bit,mm-id",
      verdict: "proved",
      invariant: "strong",
      claims: ["C1", "C6.large-mapcount"],
      bounds: { pages: 2, mappings: 2, others: 4 },
      states: 452,
      steps: 1452,
      refuted: [],
    },
    {
      topic: "tracking",
      config: "page-mapcount,32bit,mm-id,mm-id-mapcount-max=1",
      verdict: "refuted",
      invariant: "strong",
      claims: [],
      bounds: { pages: 2, mappings: 4, others: 4 },
      states: 3476,
      steps: 12_000,
      refuted: ["sub: whole"],
      reached: true,
    },
  ],
  states: sum(({ states }) => states),
  transitions: sum(({ transitions }) => transitions),
  seconds: sum(({ seconds }) => seconds),
  peakMemoryBytes: 512_000_000,
  notChecked: violatedRun.notChecked,
};
