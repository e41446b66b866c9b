/** The functions of the model, proved by formulas for every size; and with faults, refuted. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { proveModelForEverySize } from "../../proof/prove.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";
import { patchedKernels } from "./patched-kernels.ts";
import { failuresOf, solver } from "./proved-trees.ts";

async function provedKernel(name: string, config: string): Promise<SubjectResult> {
  const kernel = kernelNamed(name, parseConfig(config));
  if (kernel === undefined || solver === undefined) {
    throw new Error(`no kernel ${name}, or no solver`);
  }
  return proveModelForEverySize(kernel, {
    solvers: [solver],
    timeout: 120,
    workers: 2,
    cacheFolder: testCacheFolder,
    enumeration: { bounds: { pages: 2, mappings: 2, others: 2 }, evidence: false },
  });
}

/** Faults at an overflow are those of 32-bit: with slots as large as the kernel's. */
const configOf = (name: string): string => (name.startsWith("overflow") ? "32bit" : "64bit");

describe.skipIf(solver === undefined)("The model", () => {
  test.each(["64bit", "32bit"])("is proved for every size: %s", async (config) => {
    const result = await provedKernel("v7.1", config);
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result).toMatchObject({ verdict: "proved", invariant: "strong" });
    expect(result.formulas).toMatchObject({ possible: 27, notPossible: [], notShown: [], executions: 600 });
  });

  test.each(patchedKernels.filter(({ faulty }) => faulty).map(({ name }) => name))(
    "is refuted, by formulas too, when it is faulty: %s",
    async (name) => {
      const result = await provedKernel(name, configOf(name));
      const { refuted, unknown } = failuresOf(result);
      expect(refuted.length, "number of refuted obligations").toBeGreaterThan(0);
      expect(unknown).toEqual([]);
      expect(result).toMatchObject({ verdict: "refuted", reachability: { kind: "reached" } });
    },
  );

  test.each(patchedKernels.filter(({ faulty }) => !faulty).map(({ name }) => name))(
    "is proved with another design that is right: %s",
    async (name) => {
      const result = await provedKernel(name, configOf(name));
      expect(result.verdict).toBe("proved");
    },
  );
});
