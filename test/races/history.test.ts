/** The two races that were fixed in the series after its merge, each in the smallest interleaving of given calls. */
import { describe, expect, test } from "vitest";
import type { Property } from "../../explore/model/model.ts";
import { searchRevised } from "../../explore/search/revised.ts";
import { noReuseWarning } from "../../invariants/copy-on-write.ts";
import { partialMappingIsDetected } from "../../invariants/partially-mapped.ts";
import { atRest } from "../../invariants/races.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { type RaceView, raceMachine } from "../../model/race/race.ts";
import { ALL_REDUCTIONS, type OperationCall } from "../../races/race-model.ts";

const call = (operation: string, parameters: OperationCall["parameters"]): OperationCall => ({ operation, parameters });

/** The first warning of __wp_can_reuse_large_anon_folio() while two CPUs execute calls; undefined for none. */
function reuseWarning(kernel: string, config: string, pmd: number, calls: OperationCall[][]): number | undefined {
  const model = raceMachine(
    "race",
    { cpus: calls.length, pages: 2, mms: 2, pmd, stats: 1 },
    kernelNamed(kernel, parseConfig(config)) as Kernel,
    { memoryModel: "sc", reductions: ALL_REDUCTIONS, calls },
    [noReuseWarning as Property<unknown> as Property<RaceView>],
  );
  const { result } = searchRevised(model, { symmetry: false });
  expect(result.states).toBeGreaterThan(50);
  const [finding] = result.violations;
  return finding?.warning;
}

/** The child exits; the parent writes to its only, large folio while another CPU holds a temporary reference. */
const REFERENCE = [
  [
    call("anonFault", { mm: 0 }),
    call("fork", { parent: 0, child: 1 }),
    call("exit", { mm: 1 }),
    call("writeFault", { mm: 0, entry: 0 }),
  ],
  [call("speculativeReference", {})],
];

/** The parent has split its PMD and writes while the child, which still has a PMD mapping, exits. */
const PMD = [
  [
    call("anonFault", { mm: 0 }),
    call("fork", { parent: 0, child: 1 }),
    call("splitPmd", { mm: 0 }),
    call("writeFault", { mm: 0, entry: 0 }),
  ],
  [call("exit", { mm: 1 })],
];

const CONFIGS = ["", "no-page-mapcount"];

describe("B1, the reversed comparison of mapcount and references", () => {
  test.each(CONFIGS)("B1 warns when a reference is taken between the two comparisons (%s)", (config) => {
    for (const kernel of ["b1", "v3-as-posted"]) {
      expect(reuseWarning(kernel, config, 0, REFERENCE)).toBe(Warning.reuseAboveRefcount);
    }
  });

  test.each(CONFIGS)("the fixed kernels do not warn of B1 in any interleaving (%s)", (config) => {
    for (const kernel of ["v6.15", "v6.18", "v7.1", "b2"]) {
      expect(reuseWarning(kernel, config, 0, REFERENCE)).toBeUndefined();
    }
  });
});

describe("B2, the checks before the lock", () => {
  test("B2 warns of an entire mapcount while another MM's PMD mapping is removed, with page mapcounts", () => {
    for (const kernel of ["b2", "v3-as-posted"]) {
      expect(reuseWarning(kernel, "", 1, PMD)).toBe(Warning.reuseWhilePmdMapped);
    }
  });

  test("B2 does not warn without page mapcounts, because the entire mapcount is decremented first", () => {
    expect(reuseWarning("b2", "no-page-mapcount", 1, PMD)).toBeUndefined();
  });

  test.each(CONFIGS)("the fixed kernels do not warn of B2 in any interleaving (%s)", (config) => {
    for (const kernel of ["v6.15", "v6.18", "v7.1", "b1"]) {
      expect(reuseWarning(kernel, config, 1, PMD)).toBeUndefined();
    }
  });
});

describe("The race of C14 in kernels without page mapcounts", () => {
  /** Two MMs map the folio by PMD. One splits its PMD and zaps a page while the other zaps its PMD. */
  const calls = [
    [
      call("anonFault", { mm: 0 }),
      call("fork", { parent: 0, child: 1 }),
      call("splitPmd", { mm: 0 }),
      call("zap", { mm: 0, first: 0, count: 1 }),
    ],
    [call("zap", { mm: 1, first: 0, count: 4 })],
  ];
  const isDetected = (kernel: string, config: string, all: OperationCall[][]): string => {
    const model = raceMachine(
      "race",
      { cpus: all.length, pages: 4, mms: 2, pmd: 1, stats: 1 },
      kernelNamed(kernel, parseConfig(config)) as Kernel,
      { memoryModel: "sc", reductions: ALL_REDUCTIONS, calls: all },
      [atRest(partialMappingIsDetected)],
    );
    return searchRevised(model, { symmetry: false }).result.properties[0]?.verdict as string;
  };

  test.each(["v6.15", "v6.18", "v7.1"])(
    "%s misses a partial mapping when a split PMD and a PMD are zapped",
    (kernel) => {
      expect(isDetected(kernel, "no-page-mapcount", calls)).toBe("violated");
    },
  );

  test("the RFC of 2026-04, whose counts change under one lock, detects the partial mapping", () => {
    expect(isDetected("rfc-2026-04", "no-page-mapcount", calls)).toBe("holds");
  });

  test("every sequential order of the same calls detects the partial mapping", () => {
    const [first = [], second = []] = calls;
    for (let i = 2; i <= first.length; i++) {
      expect(isDetected("v7.1", "no-page-mapcount", [[...first.slice(0, i), ...second, ...first.slice(i)]])).toBe(
        "holds",
      );
    }
  });

  test("kernels with page mapcounts detect the partial mapping", () => {
    expect(isDetected("v7.1", "", calls)).toBe("holds");
  });
});
