/**
 * Checks the layout of a tree's struct page and struct folio: C21, C22, and two bugs by overlapping fields (B3, B4).
 */

import type { Model } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { callsOf } from "../../explore/search/trace.ts";
import { distinct, type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import { DEFAULT_CONFIG } from "../../model/kernel/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { type Patch, patched } from "../change/patch.ts";
import type { UnitCompiler } from "../compile/unit-compiler.ts";
import { cParser } from "../tree/c-parser.ts";
import { ParsedFiles } from "../tree/kernel-sources.ts";
import { kernelTree } from "../tree/kernel-tree.ts";
import { LineSet } from "../tree/line-set.ts";
import { layoutFaults, restOverlays, unknownFields } from "./folio-layout.ts";
import type { LayoutFault } from "./layout-fault.ts";
import {
  LAYOUT_CLAIMS,
  type LayoutClaim,
  type LayoutReport,
  type LayoutVerdict,
  type LocatedFault,
} from "./layout-report.ts";
import { LAYOUT_VARIANTS, type Layout, measureLayout, TARGETS } from "./measure.ts";
import { fsdaxReset, overlaidBy, type StructPages, vmemmapRestore } from "./stale-fields.ts";
import { type BlockFunctions, blockFunctions } from "./struct-pages/block-functions.ts";
import { structPageFaults } from "./struct-pages/check-struct-pages.ts";

/**
 * Checks a tree's layouts for every target architecture and every set of options.
 *
 * @throws TreeError if the tree does not have the structs, or the patch does not apply
 * @throws CompileError if clang reports an error or is not installed
 */
export async function checkLayout(request: {
  readonly tree: string;
  readonly patch?: Patch;
  readonly cacheFolder?: string;
  readonly compiler?: UnitCompiler;
}): Promise<LayoutReport> {
  const plain = kernelTree(request.tree);
  const tree = request.patch === undefined ? plain : patched(plain, request.patch);
  const parser = await cParser();
  const parsed = new ParsedFiles(parser);
  try {
    const reports: OneLayout[] = [];
    const lines = new LineSet();
    for (const target of TARGETS) {
      for (const variant of LAYOUT_VARIANTS) {
        const layout = await measureLayout(
          tree,
          target,
          variant,
          parser,
          parsed,
          request.cacheFolder,
          request.compiler,
        );
        reports.push(reportOf(layout));
        lines.addSet(layout.lines);
      }
    }
    for (const is64Bit of [true, false]) {
      const functions = await blockFunctions(tree, is64Bit, parser, parsed, request.cacheFolder, request.compiler);
      reports.push(allocatorReport(functions, is64Bit));
      if (functions.kind === "running") {
        lines.addSet(functions.lines);
      }
    }
    return {
      verdicts: LAYOUT_CLAIMS.flatMap((claim) => verdictsOn(claim, reports)),
      faults: reports.flatMap(({ faults }) => faults),
      notChecked: distinct(reports.flatMap((each) => each.notChecked)),
      lines: lines.ranges(),
    };
  } finally {
    parsed.delete();
  }
}

function verdictsOn(claim: LayoutClaim, reports: readonly OneLayout[]): LayoutVerdict[] {
  return [...TARGETS.map(({ name }) => name), ...WIDTHS].flatMap((name) => {
    const own = reports.filter(({ target, checked }) => target === name && checked.includes(claim));
    const holds = own.every(({ faults }) => faults.every((fault) => fault.claim !== claim));
    return own.length === 0 ? [] : [{ claim, target: name, layouts: own.length, holds }];
  });
}

/** Widths for which functions of the allocator are compiled. */
const WIDTHS = ["64-bit", "32-bit"] as const;

/** Checks C22 for the functions of the allocator. */
function allocatorReport(functions: BlockFunctions, is64Bit: boolean): OneLayout {
  const target = WIDTHS[is64Bit ? 0 : 1];
  if (functions.kind === "unknown") {
    return {
      target,
      checked: [],
      faults: [],
      notChecked: [notChecked("C22 of the allocator's functions", functions.why)],
    };
  }
  const result = structPageFaults(functions, v7_1({ ...DEFAULT_CONFIG, is64Bit }));
  if (result.kind === "stopped") {
    return {
      target,
      checked: [],
      faults: [],
      notChecked: [notChecked("C22 of the allocator's functions", result.why)],
    };
  }
  const faults = result.faults.map(
    ({ fault, by: { file, line } }) =>
      ({ claim: "C22", target, variant: "compiled", fault, place: { file, line } }) as const,
  );
  return { target, checked: ["C22"], faults, notChecked: [] };
}

/** The results for one layout. */
interface OneLayout {
  /** Name of the target architecture. */
  readonly target: string;
  readonly checked: readonly LayoutClaim[];
  readonly faults: readonly LocatedFault[];
  readonly notChecked: readonly NotChecked[];
}

/** Checks one layout. */
export function reportOf(layout: Layout): OneLayout {
  const resets = layout.numbers.get("NR_RESET_STRUCT_PAGE");
  const mapping = overlaidBy(layout, "mapping");
  const memcgData = overlaidBy(layout, "memcg_data");
  const reset = memcgData.pages.length === 0 ? "clears" : layout.orderReset;
  const clears = reset === "clears" ? true : reset === "leaves" ? false : undefined;
  const origin = { target: layout.target.name, variant: layout.variant.name };
  const staleMapping = (pages: number): readonly LocatedFault[] =>
    stale(
      { claim: "B3", ...origin, ...placeIn(layout, "NR_RESET_STRUCT_PAGE") },
      vmemmapRestore(mapping, pages),
      (machine, steps) => ({ kind: "stale-mapping", machine, steps, reset: pages, page: Math.max(...mapping.pages) }),
    );
  const staleMemcgData = (isCleared: boolean): readonly LocatedFault[] =>
    stale(
      { claim: "B4", ...origin, ...placeIn(layout, "folio_reset_order") },
      fsdaxReset(memcgData, isCleared),
      (machine, steps) => ({ kind: "stale-memcg-data", machine, steps, pages: memcgData.pages }),
    );
  return {
    target: layout.target.name,
    checked: [
      "C21",
      "C22",
      ...(resets === undefined ? [] : ["B3" as const]),
      ...(clears === undefined ? [] : ["B4" as const]),
    ],
    faults: [
      ...layoutFaults(layout).map((fault) => ({ claim: "C21", ...origin, fault }) as const),
      ...restOverlays(layout).map((fault) => ({ claim: "C22", ...origin, fault }) as const),
      ...(resets === undefined ? [] : staleMapping(resets)),
      ...(clears === undefined ? [] : staleMemcgData(clears)),
    ],
    notChecked: [
      ...unknownFields(layout).map((field) =>
        notChecked({ property: "C21" }, `it is not known which folios use ${field} of struct folio`),
      ),
      ...(resets === undefined
        ? [notChecked({ property: "B3" }, "the tree has no NR_RESET_STRUCT_PAGE (mm/hugetlb_vmemmap.c)")]
        : []),
      ...(reset === "missing"
        ? [notChecked({ property: "B4" }, "the tree has no folio_reset_order() (include/linux/mm.h)")]
        : []),
      ...(reset === "unclear"
        ? [
            notChecked(
              { property: "B4" },
              "folio_reset_order() does not clear _nr_pages by a plain statement: it is not known when it does",
            ),
          ]
        : []),
    ],
  };
}

/**
 * Searches a model of stale fields.
 *
 * @param describe returns the fault for the steps of a violation
 */
function stale(
  located: Omit<LocatedFault, "fault">,
  model: Model<StructPages, null>,
  describe: (machine: string, steps: readonly string[]) => LayoutFault,
): readonly LocatedFault[] {
  return search(compile(model)).violations.map(({ path }) => {
    const steps = callsOf(model, path).map(({ action }) => action);
    return { ...located, fault: describe(model.name, steps) };
  });
}

function placeIn({ definitions }: Layout, name: string): Pick<LocatedFault, "place"> {
  const place = definitions.get(name);
  return place === undefined ? {} : { place };
}
