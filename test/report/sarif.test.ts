/** SARIF logs: results, levels, places, steps and fingerprints. */
import type { Log, Run } from "sarif";
import { expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { ASSUMPTIONS } from "../../proof/assumptions.ts";
import { worstOf } from "../../proof/proof-result.ts";
import { proveModel } from "../../proof/prove.ts";
import { sarifLog } from "../../report/sarif/log.ts";
import { proofSarif } from "../../report/sarif/proof.ts";
import { sarif } from "../../report/sarif/search.ts";
import type { ProofReport } from "../../verify/proof-report.ts";
import { suite, violatedRun } from "./fixtures.ts";

const provenance = { foliocheck: "1.2.3", node: "v20.0.0", platform: "linux x64", arguments: [], options: {} };

function runIn(text: string): Run {
  const { runs } = JSON.parse(text) as Log;
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

test("a failed property is an error whose code flow is the counterexample", () => {
  const { results = [], tool } = runIn(sarif(violatedRun));
  const [result] = results;
  expect(result?.level).toBe("error");
  expect(tool.driver.rules?.[result?.ruleIndex ?? -1]?.id).toBe(result?.ruleId);
  const steps = result?.codeFlows?.[0]?.threadFlows[0]?.locations.map(({ location }) => location?.message?.text);
  expect(steps?.[0]).toMatch(/^1\. \w+\(/);
});

test("a suite has one rule for each failed property, whatever the number of runs that violate it", () => {
  const { results = [], tool } = runIn(sarif(suite));
  const ids = tool.driver.rules?.map(({ id }) => id) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
  expect(results.map(({ ruleId }) => ruleId).every((id) => ids.includes(id ?? ""))).toBe(true);
});

test("what was not checked is a notification, and an incomplete run is not successful", () => {
  const { invocations } = runIn(sarifLog({ results: [], notifications: ["Interleavings"], isComplete: false }));
  expect(invocations?.[0]?.executionSuccessful).toBe(false);
  expect(invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toBe("Interleavings");
});

test("a place is relative to the root of the tree, with its lines and a fingerprint", () => {
  const place = { file: "mm/a b.c", line: 7, endLine: 9 };
  const found = { rule: "C1", claim: "a claim", level: "note", message: "it", places: [place], steps: [] } as const;
  const { results } = runIn(
    sarifLog({ results: [{ ...found, fingerprint: "C1 in f()" }], notifications: [], isComplete: true, provenance }),
  );
  expect(results?.[0]?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "mm/a%20b.c", uriBaseId: "%SRCROOT%" },
    region: { startLine: 7, endLine: 9 },
  });
  expect(results?.[0]?.partialFingerprints).toEqual({ "foliocheckSignature/v2": "C1 in f()" });
});

test("a refuted obligation that an execution reaches is an error, with the counterexample in its steps", () => {
  const kernel = kernelNamed("slot-1-without-shared", parseConfig("64bit")) as Kernel;
  const subject = proveModel(kernel, { bounds: { pages: 2, mappings: 2, others: 4 }, evidence: false });
  const report: ProofReport = {
    format: "foliocheck-report",
    version: 3,
    command: "prove",
    verdict: worstOf([subject.verdict]),
    subjects: [subject],
    assumptions: ASSUMPTIONS,
    seconds: 1,
    provenance,
  };
  const { results = [], tool } = runIn(proofSarif(report));
  expect(results.map(({ level }) => level)).toContain("error");
  expect(results.every(({ ruleId }) => ruleId?.startsWith("INV."))).toBe(true);
  expect(results.some(({ codeFlows }) => codeFlows !== undefined)).toBe(true);
  expect(tool.driver.semanticVersion).toBe("1.2.3");
});
