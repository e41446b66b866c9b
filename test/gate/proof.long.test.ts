/** The proof of owner tracking in a gate, on the test kernel. */
import { describe, expect, test } from "vitest";
import { NPM_UNITS } from "../../gate/compile/unit-compiler.ts";
import type { BaseUnit } from "../../gate/preparation/base-unit.ts";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { type GateProofOptions, type GateProofResult, proveUnits } from "../../gate/run/proof.ts";
import { gateReport, wasChecked } from "../../gate/run/report.ts";
import { signatureOf } from "../../gate/run/signature.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import type { BaselineEntry, GateReport } from "../../verify/report/report.ts";
import { solver } from "../proof/proved-trees.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { type Edit, ownUnit } from "./own-tree.ts";

const RMAP = "include/linux/rmap.h";
const CONFIG = "page-mapcount,64bit,mm-id";
const OTHER = "no-page-mapcount,64bit,mm-id";
const PROOF = "Owner tracking for any number of MMs and every folio size (foliocheck prove)";
const SIGNATURE = "INV.sub.whole: induction sub whole";

const ONE_SLOT_ONLY: Edit = { file: RMAP, from: " || folio->_mm_id_mapcount[1] == mapcount", to: "" };

/** The returned mapcount is wrong for folios with more mappings than are explored. */
const WRONG_ABOVE_FORTY: Edit = {
  file: RMAP,
  from: "\treturn mapcount + 1;\n}\n\nstatic",
  to: "\treturn mapcount + (mapcount > 40 ? 2 : 1);\n}\n\nstatic",
};

const ENDLESS: Edit = {
  file: RMAP,
  from: "\tmine = slot_with(folio, id);\n\tfree =",
  to: "\tfor (;;)\n\t\tbarrier();\n\tmine = slot_with(folio, id);\n\tfree =",
};

const OPTIONS: GateProofOptions = {
  solvers: solver === undefined ? [] : [solver],
  timeout: 60,
  workers: 2,
  cacheFolder: testCacheFolder,
  compiler: NPM_UNITS,
};

const WITHOUT_SOLVER: GateProofOptions = { ...OPTIONS, solvers: [] };

async function proved(
  edits: readonly Edit[],
  options: GateProofOptions = OPTIONS,
  base?: BaseUnit,
): Promise<Awaited<ReturnType<typeof proveUnits>> & { readonly not: readonly string[] }> {
  const unit = await ownUnit(configurationOf(CONFIG), edits);
  const result = await proveUnits([unit], base && [base], options);
  return { ...result, not: result.notChecked.map(notCheckedText) };
}

/** Runs a gate that only proves, and returns its report. */
async function reportOf(
  proof: GateProofResult,
  base?: BaseUnit,
  baseline: readonly BaselineEntry[] = [],
): Promise<GateReport> {
  const unit = await compileUnit(await ownUnit(configurationOf(CONFIG)), testCacheFolder);
  return gateReport({
    tree: "own",
    reproduce: "",
    options: { tree: "own", profile: "quick" },
    units: [unit],
    outcomes: [],
    findings: proof.findings,
    proof,
    ...(base === undefined ? {} : { base: [{ config: CONFIG, base, outcomes: [], cured: [] }] }),
    baseline,
    seconds: 0,
  });
}

async function compiledBase(edits: readonly Edit[]): Promise<BaseUnit> {
  const unit: CompiledUnit = await compileUnit(await ownUnit(configurationOf(CONFIG), edits), testCacheFolder);
  return { kind: "compiled", unit };
}

describe.skipIf(solver === undefined)("the proof of a gate, with a solver", () => {
  test("runs once for configurations with the same code, and has no finding", async () => {
    const units = [await ownUnit(configurationOf(CONFIG)), await ownUnit(configurationOf(CONFIG))];
    const { subjects, findings, notChecked } = await proveUnits(units, undefined, OPTIONS);
    expect(subjects.map(({ verdict, subject }) => [verdict, subject])).toMatchObject([
      ["proved", { config: CONFIG, also: [CONFIG] }],
    ]);
    expect({ findings, notChecked }).toEqual({ findings: [], notChecked: [] });
    expect(subjects[0]?.claims).toContain("C6.large-mapcount");
  });

  test("has a finding for each refuted obligation, and marks those that the base has", async () => {
    const { findings, subjects } = await proved([ONE_SLOT_ONLY]);
    expect(findings.map(signatureOf)).toContain(SIGNATURE);
    expect(findings.find((each) => signatureOf(each) === SIGNATURE)).toMatchObject({
      property: "INV.sub.whole",
      mode: "proof",
      config: CONFIG,
      cause: { reached: true },
    });
    expect(wasChecked([CONFIG], subjects)(CONFIG, SIGNATURE)).toBe(true);
    expect(wasChecked([CONFIG, OTHER], subjects)(OTHER, SIGNATURE)).toBe(false);
    const fresh = await proved([ONE_SLOT_ONLY], OPTIONS, await compiledBase([]));
    expect(fresh.findings.filter(({ inBase }) => inBase === true)).toEqual([]);
    // Other text, so that the base has other code.
    const other: Edit = { file: RMAP, from: "if (mapcount != diff - 1)", to: "if (mapcount > diff - 1)" };
    const both = await proved([ONE_SLOT_ONLY, other], OPTIONS, await compiledBase([ONE_SLOT_ONLY]));
    expect(both.findings.filter(({ inBase }) => inBase !== true)).toEqual([]);
    expect(both.findings.map(signatureOf)).toContain(SIGNATURE);
    expect(both.cured).toEqual([]);
  });

  test("reports as cured an obligation that the tree proves and the base does not", async () => {
    const base = await compiledBase([ONE_SLOT_ONLY]);
    const { findings, cured, notChecked, subjects } = await proved([], OPTIONS, base);
    expect(findings).toEqual([]);
    expect(cured.map(signatureOf)).toContain(SIGNATURE);
    const report = await reportOf({ subjects, findings, cured, notChecked }, base);
    expect(report.verdict).toBe("holds");
    expect(report.base?.cured.map(({ property, configs }) => [property, configs])).toContainEqual([
      "INV.sub.whole",
      [CONFIG],
    ]);
  });

  test("is incomplete and has no violation if the counterexample is not known to be reachable", async () => {
    const result = await proved([WRONG_ABOVE_FORTY]);
    expect(result.subjects).toMatchObject([{ verdict: "not inductive", reachability: { kind: "not reached" } }]);
    expect(result.findings.map((each) => [signatureOf(each), each.verdict])).toEqual([
      ["INV.add.result: induction add result, not reached", "unproved"],
    ]);
    const report = await reportOf(result);
    expect(report.verdict).toBe("incomplete");
    const [finding] = result.findings;
    const entry = {
      finding: finding === undefined ? "" : signatureOf(finding),
      configs: [CONFIG],
      reason: "on purpose",
    };
    expect((await reportOf(result, undefined, [entry])).verdict).toBe("holds");
  });
});

describe("the proof of a gate", () => {
  test("enumerates without a solver, and reports that there is none", async () => {
    const { subjects, findings, not } = await proved([], WITHOUT_SOLVER);
    expect(findings).toEqual([]);
    expect(subjects).toMatchObject([{ verdict: "unknown", claims: [] }]);
    expect(subjects[0]?.enumeration.obligations.every(({ verdict }) => verdict === "proved")).toBe(true);
    expect(not).toEqual([`${PROOF}, in ${CONFIG}: no SMT solver (z3 or cvc5) is on the PATH`]);
    expect(wasChecked([CONFIG], subjects)(CONFIG, SIGNATURE)).toBe(false);
    expect(wasChecked([CONFIG], subjects)(CONFIG, "C1 on rmap")).toBe(true);
  });

  test("has findings by enumeration without a solver, and reports nothing as cured", async () => {
    const { findings } = await proved([ONE_SLOT_ONLY], WITHOUT_SOLVER, await compiledBase([]));
    expect(findings.map(signatureOf)).toContain(SIGNATURE);
    const { cured } = await proved([], WITHOUT_SOLVER, await compiledBase([ONE_SLOT_ONLY]));
    expect(cured).toEqual([]);
  });

  test("is skipped if the code is that of the base in another form", async () => {
    const reworded: Edit = { file: RMAP, from: "keeps = left >= 0;", to: "keeps = !(left < 0);" };
    const left = `${PROOF}, in ${CONFIG}: the code is that of the base`;
    expect((await proved([], WITHOUT_SOLVER, { kind: "same" })).not).toEqual([left]);
    expect(await proved([reworded], WITHOUT_SOLVER, await compiledBase([]))).toMatchObject({
      subjects: [],
      not: [left],
    });
  });

  test("is skipped with a reason if a call does not return", async () => {
    const { subjects, findings, not } = await proved([ENDLESS], WITHOUT_SOLVER);
    expect({ subjects, findings }).toEqual({ subjects: [], findings: [] });
    expect(not).toEqual([`${PROOF}, in ${CONFIG}: a call of add is stopped: it takes more than a million iterations`]);
  });

  test("reports an interrupted obligation as unknown", async () => {
    const abort = new AbortController();
    abort.abort();
    const solvers = [{ name: "slow", version: "1", solve: () => new Promise<never>(() => {}) }];
    const { subjects, findings, not } = await proved([], { ...OPTIONS, solvers, signal: abort.signal });
    expect({ verdicts: subjects.map(({ verdict }) => verdict), findings }).toEqual({
      verdicts: ["unknown"],
      findings: [],
    });
    expect(not.join()).toContain("it was interrupted");
  });
});
