/** Rmap accounting without page mapcounts, by enumeration; and the formulas about it. */
import { describe, expect, test } from "vitest";
import { accountingWith } from "../../proof/accounting/accounting-invariant.ts";
import { accountedStates, enumerateAccounting } from "../../proof/accounting/enumerate-accounting.ts";
import { modelAccounting } from "../../proof/accounting/executed-accounting.ts";
import { accountingCoverage } from "../../proof/accounting/reachable-accounting.ts";
import { STRONG, WEAK } from "../../proof/invariant.ts";
import { modelAccountingTerms } from "../../proof/model/accounting-terms.ts";
import { proveModelAccounting } from "../../proof/prove.ts";
import { accountingAgreement } from "../../proof/symbolic/accounting-agreement.ts";
import { type PartName, without } from "../../proof/theory.ts";
import { ACCOUNTING_KERNELS, accountingKernel, accountingOf } from "./accounting-kernels.ts";
import { refuted } from "./enumerated.ts";

const right = accountingOf("v7.1");
const ACCOUNTING = accountingWith(STRONG);

/** Folios of 2 and 4 pages, with more mappings than pages and several PMDs. */
const SMALL = { pages: 4, mappings: 1, others: 2 };

describe("The invariant of accounting", () => {
  test("is kept by every operation, and implies the claims", () => {
    const { states, steps, obligations } = enumerateAccounting(right, ACCOUNTING, SMALL);
    expect(refuted(obligations)).toEqual([]);
    expect({ states, steps, obligations: obligations.length }).toEqual({ states: 2004, steps: 9840, obligations: 44 });
    expect(obligations.filter(({ checked }) => checked === 0)).toEqual([]);
  });

  test("is kept together with the weak form of that of owner tracking, too", () => {
    const bounds = { pages: 4, mappings: 1, others: 1 };
    expect(refuted(enumerateAccounting(right, accountingWith(WEAK), bounds).obligations)).toEqual([]);
  });

  test("has more states than three MMs reach, and all that they do", () => {
    const bounds = { pages: 4, mappings: 1, others: 1 };
    const states = accountedStates(ACCOUNTING, bounds, right.tracking.limits);
    const { reached, missing, unreached } = accountingCoverage(right, 3, ACCOUNTING, bounds, states);
    expect(missing).toEqual([]);
    expect(reached + unreached).toBe(states.length);
    expect(reached).toBeGreaterThan(500);
  });

  test.each<[PartName, string]>([
    ["entire", "remove-pmd: pmd-mapped"],
    ["mapped", "claim: C12"],
    ["pmd-mapped", "claim: C12.pmd"],
    ["queue", "claim: C14.queue"],
  ])("needs its part %s", (part, failing) => {
    const bounds = { pages: 4, mappings: 1, others: 1 };
    expect(refuted(enumerateAccounting(right, without(ACCOUNTING, part), bounds).obligations)).toContain(failing);
  });

  test("needs the sum of owner tracking", () => {
    const bounds = { pages: 2, mappings: 1, others: 0 };
    const unknownSum = { ...ACCOUNTING, given: STRONG.parts.filter(({ name }) => name !== "sum") };
    expect(refuted(enumerateAccounting(right, unknownSum, bounds).obligations)).toContain("add-ptes: mapped");
  });
});

/** Obligations that a kernel fails; of the others, none is about accounting without page mapcounts. */
const REFUTED: Readonly<Record<string, readonly string[]>> = {
  "add-accounts-every-batch": [
    "add-ptes: mapped",
    "add-pmd: entire",
    "add-pmd: mapped",
    "add-pmd: pmd-mapped",
    "add-pmd: tracking",
  ],
  "add-pmd-accounts-every-time": ["add-pmd: pmd-mapped"],
  "remove-accounts-batch": [],
  "remove-pmd-accounts-when-unmapped": ["remove-pmd: pmd-mapped"],
  "remove-queues-fully-mapped": ["remove-ptes: marks only partial ones"],
  "remove-makes-exclusive": [],
  "queue-without-flag": ["remove-ptes: detects", "remove-pmd: detects"],
  "queue-in-swap-cache": ["remove-ptes: marks only partial ones", "remove-pmd: marks only partial ones"],
  "queue-takes-order-1": ["remove-ptes: queue", "remove-ptes: marks only partial ones"],
};

describe("A kernel with other rmap functions", () => {
  test("has its refuted obligations here", () => {
    expect(Object.keys(REFUTED).sort()).toEqual(ACCOUNTING_KERNELS.toSorted());
  });

  test.each(Object.entries(REFUTED))("%s: what is refuted is reached by an execution", (name, obligations) => {
    const result = proveModelAccounting(accountingKernel(name), { bounds: SMALL, evidence: false });
    const failed = result.enumeration.obligations.filter(({ verdict }) => verdict === "refuted");
    expect(failed.map(({ from, to }) => `${from}: ${to}`)).toEqual(obligations);
    expect(result.verdict).toBe(obligations.length === 0 ? "proved" : "refuted");
    expect(result.reachability?.kind).toBe(obligations.length === 0 ? undefined : "reached");
  });

  test("counts in another statistic, which the claim about mapped pages refutes", () => {
    const base = accountingKernel("v7.1");
    const wrong = modelAccounting({
      ...base,
      folioModStat(stats, folio, nr, nrPmdmapped) {
        base.folioModStat.call(this, stats, { ...folio, anon: !folio.anon }, nr, nrPmdmapped);
      },
    });
    expect(refuted(enumerateAccounting(wrong, ACCOUNTING, SMALL).obligations)).toEqual([
      "add-ptes: mapped",
      "add-pmd: mapped",
      "add-pmd: pmd-mapped",
      "remove-ptes: mapped",
      "remove-pmd: mapped",
      "remove-pmd: pmd-mapped",
    ]);
  });
});

describe("Formulas about accounting", () => {
  test.each([...ACCOUNTING_KERNELS.filter((name) => name !== "remove-makes-exclusive"), "v7.1"])(
    "say what the functions do: %s",
    (name) => {
      const kernel = accountingKernel(name);
      expect(accountingAgreement(modelAccountingTerms(kernel), accountingOf(name))).toEqual({
        kind: "agrees",
        calls: 600,
      });
    },
  );

  test("are refused of a kernel that works on single pages", () => {
    expect(() => modelAccountingTerms(accountingKernel("remove-makes-exclusive"))).toThrow("ForStatement");
  });

  test("differ from the functions of a kernel with a fault", () => {
    const terms = modelAccountingTerms(accountingKernel("add-pmd-accounts-every-time"));
    expect(accountingAgreement(terms, right).kind).toBe("differs");
  });
});
