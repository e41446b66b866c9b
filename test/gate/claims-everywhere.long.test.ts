/** C code without the model on every machine: it reaches the states of the model, and its results are used. */

import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { baseKernel } from "../../gate/adapter/base-kernel.ts";
import { type CompiledFunctions, compiledFunctions } from "../../gate/adapter/compiled-functions.ts";
import { instantiate } from "../../gate/adapter/instance.ts";
import { GATE_MACHINES, gateMachine } from "../../gate/adapter/machines.ts";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { runGate } from "../../gate/run/explore-units.ts";
import type { Finding } from "../../gate/run/findings.ts";
import { gateReport } from "../../gate/run/report.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { FunctionName } from "../../model/kernel/call-values.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import { boundsWithin, machineNamed } from "../../verify/job/job.ts";
import type { RunReport } from "../../verify/report/report.ts";
import { runJob } from "../../verify/run.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { NEVER_CLEARED, SHARED_ELSEWHERE } from "./opaque-state.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

const RMAP_H = "include/linux/rmap.h";

const RUNS: readonly { readonly machine: string; readonly bounds: Bounds }[] = [
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 } },
  { machine: "pmd", bounds: { pages: 4, minPages: 4, mms: 2, smallFolios: 1 } },
  { machine: "cow", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  { machine: "mremap", bounds: { pages: 2, mms: 2 } },
  { machine: "pins", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  { machine: "swap", bounds: { pages: 2, mms: 2, smallFolios: 0, swapSlots: 2 } },
  // Both MMs reuse folios in the swap cache, or remove them from it.
  { machine: "swap", bounds: { pages: 2, minPages: 2, mms: 2, smallFolios: 1, swapSlots: 2 } },
  { machine: "shmem", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 } },
  { machine: "migration", bounds: { pages: 4, minPages: 4, mms: 1, smallFolios: 0 } },
  { machine: "split", bounds: { pages: 4, minPages: 4, mms: 1, holders: 1 } },
];

async function unitWith(config: string, edits: readonly Edit[] = []): Promise<CompiledUnit> {
  return compileUnit(await ownUnit(configurationOf(config), edits), testCacheFolder);
}

const explored = (machine: string, bounds: Bounds, functions: CompiledFunctions): SearchResult => {
  const definition = gateMachine(machineNamed(machine, GATE_MACHINES), functions, "claims");
  return search(compile(definition.build(boundsWithin(definition, bounds), functions.kernel)));
};

/** The model's functions for those in scope, and for their parts. */
const COUNTED_IN_C: readonly FunctionName[] = [
  "folioLargeMapcountSanityChecks",
  "mmIdSlotSanityChecks",
  "addMappedPages",
  "setMmIdSlot",
  "takeMmIdSlot",
  "addToMmIdSlot",
  "subFromMmIdSlot",
  "freeMmIdSlot",
  "folioAddRmap",
  "folioAddAnonRmap",
  "folioRemoveRmap",
  "folioModStat",
  "incPageMapcounts",
  "decPageMapcounts",
  "folioTryDupAnonRmap",
  "dupMappings",
  "dupPageMapping",
  "entireMapcountAdd",
  "entireMapcountAddReturn",
  "nrPagesMappedAddReturn",
  "pageMapcountAdd",
  "pageMapcountAddReturn",
  "largeMapcountAddReturn",
  "nodeStatAdd",
  "folioLockLargeMapcount",
  "folioUnlockLargeMapcount",
  "wpReuseChecks",
  "folioEntireMapcount",
  "freeTailPagePrepare",
  "folioSetLargeMapcount",
  "folioAddReturnLargeMapcount",
  "folioSubReturnLargeMapcount",
  "folioAddFileRmapPtes",
  "folioAddFileRmapPmd",
  "folioAddAnonRmapPtes",
  "folioAddAnonRmapPmd",
  "folioAddNewAnonRmap",
  "folioRemoveRmapPtes",
  "folioRemoveRmapPmd",
  "folioDupFileRmapPtes",
  "folioTryDupAnonRmapPtes",
  "folioTryDupAnonRmapPmd",
  "folioTryShareAnonRmap",
  "deferredSplitFolio",
  "wpCanReuseLargeAnonFolio",
  "prepCompoundHead",
  "folioMapcount",
  "folioMaybeMappedShared",
  "folioExpectedRefCount",
  "folioPrecisePageMapcount",
  "folioAveragePageMapcount",
];

/** The same kernel, with functions that throw in place of the model's functions for those in scope. */
function withoutModel(kernel: Kernel, model: Kernel): Kernel {
  const forbidden = COUNTED_IN_C.filter((name) => kernel[name] === model[name]).map((name) => [
    name,
    () => {
      throw new Error(`the model's ${name}() ran`);
    },
  ]);
  return { ...kernel, ...Object.fromEntries(forbidden) };
}

describe.each(["page-mapcount,64bit,mm-id", "no-page-mapcount,32bit,mm-id"])("%s:", (config) => {
  let unit: CompiledUnit;

  beforeAll(async () => {
    unit = await unitWith(config);
  });

  test.each(RUNS)(
    "machine $machine has as many states as with the model, and does not call the model's functions",
    ({ machine, bounds }) => {
      const functions = compiledFunctions(instantiate(unit.fast), "claims");
      const definition = machineNamed(machine);
      const base = baseKernel(unit.fast.unit);
      const model = search(compile(definition.build(boundsWithin(definition, bounds), base)));
      const alone = explored(machine, bounds, { ...functions, kernel: withoutModel(functions.kernel, base) });
      // The gate adds an action for files with PMDs; there are none here.
      expect([alone.outcome, alone.states, alone.transitions]).toEqual(["exhausted", model.states, model.transitions]);
      const bad = alone.properties.filter(({ verdict }) => verdict !== "holds" && verdict !== "reached");
      expect(bad).toEqual([]);
    },
  );
});

interface Judged {
  readonly findings: readonly Finding[];
  readonly verdict: string;
  readonly notChecked: readonly string[];
}

/** Returns the violated claims of a profile on one machine. */
async function judged(unit: CompiledUnit, only: string, profile: string): Promise<Judged> {
  const request = { profile, budget: { maxStates: 100_000 }, only, judge: "claims" as const };
  const result = await runGate([unit], request, async (jobs) => jobs.map((job) => runJob(job)));
  const { verdict, notChecked } = gateReport({
    tree: "own",
    reproduce: "",
    options: { tree: "own", profile },
    ...result,
    baseline: [],
    seconds: 0,
  });
  return { findings: result.findings, verdict, notChecked: notChecked.map(notCheckedText) };
}

/** Faults that only one or two machines report. On the machines in USUAL, every claim holds. */
const SHOWN_BY: readonly {
  readonly name: string;
  readonly edit: Edit;
  readonly machine: string;
  readonly property: RegExp;
}[] = [
  {
    name: "fork shares pages that are pinned",
    edit: {
      file: "include/linux/mm.h",
      from: "\treturn pinned_once && folio_maybe_dma_pinned(folio);",
      to: "\treturn false;",
    },
    machine: "pins",
    property: /^C(9|11)\b/,
  },
  {
    name: "a page that is unmapped stays exclusive",
    edit: { file: RMAP_H, from: "\t\treturn -EBUSY;\n\tClearPageAnonExclusive(page);\n", to: "\t\treturn -EBUSY;\n" },
    machine: "swap",
    property: /^C11\b/,
  },
  {
    name: "a PMD that is mapped again after migration is not exclusive",
    edit: {
      file: "mm/rmap.c",
      from: "\tadd_anon(folio, page, folio_large_nr_pages(folio), vma, flags, BY_PMD);",
      to: "\tadd_anon(folio, page, folio_large_nr_pages(folio), vma, RMAP_NONE, BY_PMD);",
    },
    machine: "migration",
    property: /^C11\b/,
  },
];

/** Machines on which these faults violate no claim. */
const USUAL = ["owner-tracking", "rmap", "pmd", "cow"];

describe.each(SHOWN_BY)("$name:", ({ edit, machine, property }) => {
  let unit: CompiledUnit;

  beforeAll(async () => {
    unit = await unitWith("page-mapcount,64bit,mm-id", [edit]);
  });

  test(`violates a claim on machine ${machine}`, async () => {
    const { findings } = await judged(unit, machine, "ci");
    expect(findings.map((each) => each.property)).toEqual(expect.arrayContaining([expect.stringMatching(property)]));
    expect(findings[0]?.trace?.steps.length).toBeGreaterThan(0);
  });

  test("violates no claim on the machines of profile quick", async () => {
    for (const usual of USUAL) {
      const { findings } = await judged(unit, usual, "quick");
      expect(findings.map((each) => each.property)).toEqual([]);
    }
  });
});

const CONFIG = "page-mapcount,64bit,mm-id";

/** Explores one machine with the C code without the model. */
function alone(unit: CompiledUnit, machine: string, bounds: Bounds, maxStates: number = 1_000_000): RunReport {
  return runJob({
    machine,
    kernel: "tree",
    config: CONFIG,
    bounds: boundsWithin(machineNamed(machine), bounds),
    symmetry: true,
    budget: { maxStates },
    compiled: { unit, mode: "claims", leftOut: [] },
  });
}

const SPLIT = { machine: "split", bounds: { pages: 4, minPages: 4, mms: 1, holders: 1 } };

describe("C code with opaque words", () => {
  test("is explored on a machine that splits folios if the words then have the values of a new folio", async () => {
    const unit = await unitWith(CONFIG, SHARED_ELSEWHERE);
    const { stopped, symmetry, properties } = alone(unit, "split", { ...SPLIT.bounds, mms: 2, pmd: 0 }, 20_000);
    // Opaque words are explored without symmetry.
    expect({ stopped, symmetry }).toEqual({ stopped: "max-states", symmetry: false });
    // P1 is asserted when a folio is split.
    expect(properties.find(({ id }) => id === "P1")?.checked).toBeGreaterThan(0);
    expect(properties.map((each) => each.verdict)).not.toContain("violated");
  });

  test("ends the run as incomplete with a reason if they have other values; other machines are explored", async () => {
    const unit = await unitWith(CONFIG, NEVER_CLEARED);
    const { verdict, stopped, notChecked, properties } = alone(unit, SPLIT.machine, SPLIT.bounds);
    expect({ verdict, stopped }).toEqual({ verdict: "incomplete", stopped: "beyond-bounds" });
    expect(notChecked.map(notCheckedText)[0]).toMatch(
      /a folio is split while the C code holds a value in word \d+ of its struct pages/,
    );
    expect(properties.map((each) => each.verdict)).not.toContain("holds");
    expect(alone(unit, "rmap", { pages: 4, minPages: 4, mms: 2 }).verdict).toBe("holds");
    expect(alone(unit, "migration", { pages: 4, minPages: 4, mms: 1, smallFolios: 0, pmd: 0 }).verdict).toBe("holds");
  });

  test("makes the whole gate incomplete", async () => {
    const unit = await unitWith(CONFIG, NEVER_CLEARED);
    const { verdict, notChecked, findings } = await judged(unit, "split", "ci");
    expect({ verdict, findings }).toEqual({ verdict: "incomplete", findings: [] });
    expect(notChecked).toContainEqual(
      expect.stringMatching(/^claims on machine split, page-mapcount,64bit,mm-id: .* a folio is split while/),
    );
  });
});

describe("C code with behaviour that the environment does not expect", () => {
  const REFUSES: Edit = { file: RMAP_H, from: "\tif (folio_needs_cow_for_dma(src, folio))\n", to: "" };

  test("ends the run as incomplete if fork needs more copies than there are folios", async () => {
    const unit = await unitWith(CONFIG, [REFUSES]);
    const { verdict, stopped, notChecked } = alone(unit, "cow", { pages: 2, minPages: 2, mms: 2, smallFolios: 1 });
    expect({ verdict, stopped }).toEqual({ verdict: "incomplete", stopped: "beyond-bounds" });
    expect(notChecked.map(notCheckedText)[0]).toMatch("the C code makes a step need more folios than the bounds have");
  });

  const SPOILS: Edit = {
    file: "mm/memory.c",
    from: "\tif (!only_mappings_refer_to(folio))\n\t\treturn false;",
    to: "\tif (!only_mappings_refer_to(folio)) {\n\t\tmark_shared(folio, true);\n\t\treturn false;\n\t}",
  };

  test("violates a claim if a page that it refuses to reuse is reported as shared afterwards", async () => {
    const unit = await unitWith(CONFIG, [SPOILS]);
    const { verdict, properties } = alone(unit, "cow", { pages: 4, minPages: 4, mms: 2, smallFolios: 1, holders: 1 });
    expect(verdict).toBe("violated");
    expect(properties.filter((each) => each.verdict === "violated").map(({ id }) => id)).toEqual(["C2"]);
  });

  test("does not change a folio in a step that is not enabled because there is no room for a copy", async () => {
    const unit = await unitWith(CONFIG, [SPOILS]);
    const { properties } = alone(unit, "cow", { pages: 4, minPages: 4, mms: 2, smallFolios: 0, holders: 1 });
    expect(properties.map((each) => each.verdict)).not.toContain("violated");
  });
});
