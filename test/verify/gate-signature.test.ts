/** What a baseline knows a finding by. */
import { describe, expect, test } from "vitest";
import type { CallNode } from "../../model/kernel/call-node.ts";
import type { Finding } from "../../verify/gate-findings.ts";
import { signatureOf } from "../../verify/gate-signature.ts";
import { ran, ranC } from "../report/call-trees.ts";
import { rmapTrace } from "../report/fixtures.ts";

const differs = (what: string): string =>
  signatureOf({
    property: "CF.folio_remove_rmap_ptes",
    mode: "conformance",
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    claim: "does the same",
    function: "folio_remove_rmap_ptes",
    what,
    trace: rmapTrace,
  });

const breaks = (more: Partial<Finding>, ...calls: readonly CallNode[]): string =>
  signatureOf({
    property: "C13",
    mode: "claims",
    config: "page-mapcount,64bit,mm-id",
    machine: "rmap",
    claim: "Statistics are exact",
    what: "Statistics are exact",
    trace: { ...rmapTrace, steps: rmapTrace.steps.map((step) => ({ ...step, functions: [{ calls }] })) },
    ...more,
  });

describe("a difference between C code and model", () => {
  test.each([
    [
      "lines",
      "f() at mm/rmap.c:12: it warns at include/linux/rmap.h:7: VM_WARN_ON(nr == 3)",
      "f() at mm/rmap.c:14: it warns at include/linux/rmap.h:9: VM_WARN_ON(nr == 3)",
    ],
    ["the numbers that are compared", "_large_mapcount is 3, in the model 2", "_large_mapcount is 9, in the model 5"],
    [
      "by how much statistics change",
      "NR_ANON_MAPPED changes by -4, in the model by -8",
      "NR_ANON_MAPPED changes by 4, in the model by 3",
    ],
    [
      "ranges, which are those of the bounds",
      "it leaves what cannot be: the value 13 does not fit field stats.nrAnonMapped, which is declared 0 … 12",
      "it leaves what cannot be: the value 25 does not fit field stats.nrAnonMapped, which is declared 0 … 24",
    ],
  ])("is the same whatever %s", (_, one, other) => {
    expect(differs(one)).toBe(differs(other));
  });

  test.each([
    ["indices", "_mm_id_mapcount[0] (stored) is 3, in the model 2", "_mm_id_mapcount[1] (stored) is 3, in the model 2"],
    ["pages", "_mapcount of page 0 (stored) is 1, in the model 0", "_mapcount of page 3 (stored) is 1, in the model 0"],
    ["directions", "it returns 0, in the model 1", "it returns 1, in the model 0"],
    ["answers", "it returns true, in the model false", "it returns false, in the model true"],
    [
      "directions of a count",
      "_total_mapped_pages is 1 where PTEs map 2 pages",
      "_total_mapped_pages is 3 where PTEs map 2 pages",
    ],
    ["conditions", "it warns at mm/rmap.c:7: VM_WARN_ON(nr == 3)", "it warns at mm/rmap.c:7: VM_WARN_ON(nr == 4)"],
    [
      "ends of a range",
      "the value -1 does not fit field stats.nrAnonMapped, which is declared 0 … 12",
      "the value 13 does not fit field stats.nrAnonMapped, which is declared 0 … 12",
    ],
  ])("is another with other %s", (_, one, other) => {
    expect(differs(one)).not.toBe(differs(other));
  });
});

describe("the violation of a claim", () => {
  const REMOVE = ranC("folio_remove_rmap_ptes", "mm/rmap.c:1813");

  test("is known by the machine and by the functions that ran last, whatever their lines", () => {
    const signature = breaks(
      {},
      ran("folio_remove_rmap_ptes", [], [REMOVE, ranC("__folio_remove_rmap", "mm/rmap.c:1700")]),
    );
    expect(signature).toBe("C13 on rmap by folio_remove_rmap_ptes, __folio_remove_rmap: Statistics are exact");
    expect(breaks({}, ranC("folio_remove_rmap_ptes", "mm/rmap.c:1"), ranC("__folio_remove_rmap", "mm/rmap.c:2"))).toBe(
      signature,
    );
    expect(breaks({}, REMOVE)).not.toBe(signature);
    expect(breaks({ machine: "pmd" }, REMOVE)).not.toBe(breaks({}, REMOVE));
  });

  test("is known by what the claim asked", () => {
    const asked = [ranC("folio_maybe_mapped_shared", "include/linux/mm.h:56")];
    expect(breaks({ trace: { ...rmapTrace, asked } })).toBe(
      "C13 on rmap by folio_maybe_mapped_shared: Statistics are exact",
    );
  });

  test("of a witness that is not reached, by the machine", () => {
    expect(breaks({ trace: null })).toBe("C13 on rmap: Statistics are exact");
  });
});

test("a fault of a layout is known without numbers", () => {
  const layout = (what: string): string => breaks({ mode: "layout", machine: "layout", trace: null, what });
  expect(layout("_a at bits 64 to 95 overlaps _b")).toBe(layout("_a at bits 32 to 63 overlaps _b"));
});
