/**
 * On a kernel source tree: `FOLIOCHECK_KERNEL_TREE=/path/to/linux npx vitest run test/gate/real-tree.test.ts`. Written
 * for 6.18. Nothing of the tree is in this repository, and nothing is written to the tree.
 */

import { describe, expect, test } from "vitest";
import { compileC } from "../../gate/compile/clang.ts";
import { harnessSource } from "../../gate/harness/harness.ts";
import { checkLayout, reportOf } from "../../gate/layout/check-layout.ts";
import { LAYOUT_VARIANTS, measureLayout, TARGETS } from "../../gate/layout/measure.ts";
import { blockFunctions } from "../../gate/layout/struct-pages/block-functions.ts";
import { structPageFaults } from "../../gate/layout/struct-pages/check-struct-pages.ts";
import { extractUnits } from "../../gate/preparation/extract-units.ts";
import { cParser } from "../../gate/tree/c-parser.ts";
import { ParsedFiles } from "../../gate/tree/kernel-sources.ts";
import { kernelTree } from "../../gate/tree/kernel-tree.ts";
import { FILES, MANIFEST } from "../../gate/tree/manifest.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../gate/unit/configurations.ts";
import { DEFAULT_CONFIG } from "../../model/kernel/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { layoutFaultText } from "../../report/text/layout-fault.ts";
import { type Change, instead, treeWith } from "./tree-copy.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"];

/** The files of the tree that the gate reads, with changes. */
function changed(changes: readonly Change[]): string {
  const tree = kernelTree(TREE ?? "");
  const present = FILES.filter((file) => tree.read(file) !== undefined);
  return treeWith(changes, TREE, present);
}

describe.skipIf(TREE === undefined)("a kernel tree (FOLIOCHECK_KERNEL_TREE)", () => {
  test("has every function in scope in every configuration, and each unit compiles", async () => {
    const configurations = GATE_CONFIGURATIONS.map((words) => configurationOf(words));
    const units = await extractUnits({ tree: TREE ?? "", configurations });
    const requiredNames = MANIFEST.filter(({ required }) => required).map(({ name }) => name);
    for (const { configuration, source, functions, warnings } of units) {
      const present = functions
        .filter(({ status, line }) => status === "unchanged" && line > 0)
        .map(({ name }) => name);
      expect(present).toEqual(expect.arrayContaining(requiredNames));
      expect(warnings.length).toBeGreaterThan(50);
      const text = `${source}\n${harnessSource(present, false)}`;
      await expect(compileC({ text, configuration, instrumented: false })).resolves.toBeDefined();
    }
  });

  test("is gated with only the files that the gate reads", async () => {
    const configurations = [configurationOf("page-mapcount,64bit,mm-id")];
    const [whole] = await extractUnits({ tree: TREE ?? "", configurations });
    const [part] = await extractUnits({ tree: changed([]), configurations });
    expect(part?.source).toBe(whole?.source);
  });

  test("has layouts that satisfy C21, C22, B3 and B4 for every target with all options", async () => {
    const { verdicts, faults } = await checkLayout({ tree: TREE ?? "" });
    const everywhere = TARGETS.map(({ name }) => ({ target: name, layouts: LAYOUT_VARIANTS.length, holds: true }));
    expect(verdicts.filter(({ claim }) => claim === "C21")).toEqual(
      everywhere.map((each) => ({ claim: "C21", ...each })),
    );
    expect(faults.filter(({ variant }) => variant !== "compiled")).toEqual([]);
  });

  test("leaves private of tail pages, and no other damage, to the next user in both widths, as every kernel up to 7.1 (C22)", async () => {
    const parser = await cParser();
    const tree = kernelTree(TREE ?? "");
    for (const is64Bit of [true, false]) {
      const functions = await blockFunctions(tree, is64Bit, parser, new ParsedFiles(parser), undefined);
      const found =
        functions.kind === "running" ? structPageFaults(functions, v7_1({ ...DEFAULT_CONFIG, is64Bit })) : functions;
      expect(found).toMatchObject({ kind: "explored" });
      expect(
        found.kind === "explored" && found.faults.map(({ fault }) => fault.steps.map(({ action }) => action)),
      ).toContainEqual([..."allocBlock storePrivate freeBlock allocBlock splitBlock".split(" ")]);
      const faults = found.kind === "explored" ? found.faults.map(({ fault }) => fault) : [];
      expect(faults.filter(({ kind }) => kind === "damaged-page")).toEqual([]);
    }
  });

  test.each([
    ["B3", instead("mm/hugetlb_vmemmap.c", /(NR_RESET_STRUCT_PAGE\s+)\d+/, "$13"), "restoreVmemmap"],
    ["B4", instead("include/linux/mm.h", /\w+->_nr_pages = 0;/, ";"), "resetPageByPage"],
    [
      "C21",
      instead("include/linux/mm_types.h", /(atomic_t )_large_mapcount;/, "$1_large_mapcount, _filler;"),
      "overlaps",
    ],
  ] as const)("with its fix taken back shows %s", async (claim, change, text) => {
    const [target, variant] = [TARGETS[0], LAYOUT_VARIANTS[0]];
    if (target === undefined || variant === undefined) {
      throw new Error("no target");
    }
    const layout = await measureLayout(
      kernelTree(changed([change])),
      target,
      variant,
      await cParser(),
      new ParsedFiles(await cParser()),
    );
    const found = reportOf(layout).faults.filter((fault) => fault.claim === claim);
    expect(found.map(({ fault }) => layoutFaultText(fault))).toContainEqual(expect.stringContaining(text));
  });
});
