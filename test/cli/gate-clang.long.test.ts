/** `foliocheck gate --clang`: a native clang and that of the npm package give the same report. */
import { describe, expect, test } from "vitest";
import { clangOnPath } from "../../gate/compile/native-clang.ts";
import type { GateReport } from "../../verify/report/report.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { editedCopy } from "../gate/own-tree.ts";
import { OWN_KERNEL } from "../gate/tree-copy.ts";
import { foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();

const native = clangOnPath();

/** Tree with a folio_maybe_mapped_shared() that reports every large folio as exclusive. */
const FAULTY = editedCopy([
  {
    file: "include/linux/mm.h",
    from: "\treturn test_bit(FOLIO_MM_IDS_SHARED_BITNUM, &folio->_mm_ids);",
    to: "\treturn false;",
  },
]);

function report(tree: string, clang: string, more: readonly string[]): GateReport {
  const options = ["--tree", tree, "--clang", clang, "--cache", testCacheFolder, "--no-progress", "--reporter", "json"];
  const { out } = foliocheck(["gate", ...options, ...more], folder.path);
  return JSON.parse(out) as GateReport;
}

/** Fields of costs and of the host. */
const COSTS: ReadonlySet<string> = new Set(["seconds", "cpuSeconds", "tableBytes", "peakMemoryBytes", "provenance"]);

/** Removes costs from a report. */
const withoutCosts = (gate: GateReport): unknown =>
  JSON.parse(JSON.stringify(gate, (key, value: unknown) => (COSTS.has(key) ? undefined : value)));

describe.skipIf(native === undefined)("a native clang (16 or later with wasm-ld on the PATH) and the npm one", () => {
  test.each<[what: string, tree: string, options: readonly string[], verdict: string]>([
    [
      "all of a configuration, races and layouts included",
      OWN_KERNEL,
      // Proofs contain times and sizes of the compiled code.
      ["--config", "page-mapcount,32bit,mm-id", "--no-proof"],
      "holds",
    ],
    ["64 bits", OWN_KERNEL, ["--config", "no-page-mapcount,64bit,mm-id", "--only", "owner-tracking"], "holds"],
    ["a fault", FAULTY, ["--config", "page-mapcount,64bit,mm-id", "--only", "owner-tracking"], "violated"],
  ])("a native clang and that of the npm package give the same report: %s", (_, tree, options, verdict) => {
    const npm = report(tree, "npm", options);
    expect(npm.verdict).toBe(verdict);
    expect(withoutCosts(report(tree, "auto", options))).toEqual(withoutCosts(npm));
  });

  test("--clang with a compiler that cannot be used is refused", () => {
    const { code, err } = foliocheck(["gate", "--tree", OWN_KERNEL, "--clang", "./no-clang"], folder.path);
    expect(err).toMatch(/^error: cannot compile with "\.\/no-clang": it is no clang that runs; want clang 16 or later/);
    expect(code).toBe(2);
  });
});
