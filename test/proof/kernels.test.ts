/** Every kernel of the model that patches owner tracking: the faulty ones are refuted, the others proved. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { enumerate } from "../../proof/enumerate.ts";
import { STRONG, WEAK } from "../../proof/invariant.ts";
import { proveModel } from "../../proof/prove.ts";
import { reachedFailure } from "../../proof/reachable.ts";
import { functionsOf, OVERFLOW, OVERFLOW_CONFIG, refuted } from "./enumerated.ts";
import { patchedKernels } from "./patched-kernels.ts";

/** Obligations that a faulty kernel fails with the strong form of the invariant. */
const REFUTED: Readonly<Record<string, readonly string[]>> = {
  "slot-1-without-shared": ["add: whole", "add: exact"],
  "slot-0-without-shared": ["add: whole", "add: exact"],
  "free-slot-before-own": ["add: distinct", "add: exact", "add: moves"],
  "no-slot-while-shared": ["add: takes"],
  "shared-cleared-with-slot": ["sub: whole"],
  "shared-cleared-without-slots": ["sub: whole"],
  "shared-never-cleared": ["sub: whole", "sub: exact"],
  "shared-cleared-for-slot-0-only": ["sub: whole", "sub: exact"],
  "slot-kept-while-shared": ["sub: less", "sub: whole", "sub: exact", "sub: moves"],
  "no-underflow-clamp": ["sub: free"],
  "slot-freed-with-id": ["add: free", "add: moves", "sub: free", "sub: exact", "sub: moves"],
  "sub-looks-at-slot-0-only": ["sub: less", "sub: whole", "sub: exact", "sub: moves"],
  "add-by-one": ["add: sum", "add: whole", "add: result"],
  "add-without-minus-one": ["add: free", "add: less", "add: whole", "add: exact", "add: takes"],
  "set-without-id": ["set: free", "set: exact", "set: takes"],
  "overflow-ignored": ["add: free", "add: whole", "add: moves"],
  "overflow-clears-shared": ["add: whole"],
  "overflow-saturates": ["add: whole", "add: moves"],
  "single-mapping-rule-dropped": ["claim: C3"],
};

/** Of these, the obligation about "whole" holds with the weak form. */
const WEAKLY_WHOLE = [
  "shared-cleared-for-slot-0-only",
  "slot-kept-while-shared",
  "sub-looks-at-slot-0-only",
  "add-by-one",
  "add-without-minus-one",
  "overflow-ignored",
  "overflow-saturates",
];

const faulty = patchedKernels.filter((variant) => variant.faulty).map(({ name }) => name);

describe("A kernel with other owner tracking", () => {
  test("is faulty and has its refuted obligations here, or is fault-free", () => {
    expect(faulty).toEqual(Object.keys(REFUTED));
    const faultFree = patchedKernels.filter((variant) => !variant.faulty).map(({ name }) => name);
    expect(faultFree).toEqual(["overflow-without-shared", "slot-1-first"]);
  });

  test.each(faulty)("%s is refuted, and an execution reaches the failure", (name) => {
    const functions = functionsOf(name, OVERFLOW_CONFIG);
    const strong = REFUTED[name] ?? [];
    expect(refuted(enumerate(functions, STRONG, OVERFLOW).obligations)).toEqual(strong);
    expect(refuted(enumerate(functions, WEAK, OVERFLOW).obligations)).toEqual(
      WEAKLY_WHOLE.includes(name) ? strong.filter((obligation) => !obligation.endsWith(" whole")) : strong,
    );
    const bounds = { pages: OVERFLOW.pages, mappings: OVERFLOW.mappings, mms: 3 };
    expect(reachedFailure(functions, bounds, STRONG)).toBeDefined();
  });

  test.each([
    ["overflow-without-shared", [WEAK]],
    ["slot-1-first", [STRONG, WEAK]],
  ])("%s, which is fault-free, is proved", (name, forms) => {
    const functions = functionsOf(name, OVERFLOW_CONFIG);
    const proved = [STRONG, WEAK].filter(
      (form) => refuted(enumerate(functions, form, OVERFLOW).obligations).length === 0,
    );
    expect(proved).toEqual(forms);
  });
});

describe("A counterexample to induction", () => {
  const { obligations } = enumerate(functionsOf("shared-cleared-with-slot", ""), STRONG, {
    pages: 2,
    mappings: 2,
    others: 2,
  });
  const [failed] = obligations.filter(({ counterexample }) => counterexample !== undefined);

  test("is a step that does not keep a part of the invariant", () => {
    const counterexample = failed?.counterexample;
    if (counterexample?.kind !== "step") {
      throw new Error("no step");
    }
    const { operation, before, after, diff } = counterexample;
    expect([failed?.from, failed?.to]).toEqual(["sub", "whole"]);
    expect({ operation, diff, mappings: before.mappings }).toEqual({ operation: "sub", diff: 1, mappings: 2 });
    expect([before.shared, after.shared]).toEqual([true, false]);
  });

  test("that an execution reaches has a shortest one", () => {
    const reached = reachedFailure(
      functionsOf("shared-cleared-with-slot", ""),
      { pages: 4, mms: 3, mappings: 4 },
      STRONG,
    );
    expect(reached?.trace.steps.map(({ call }) => call.action)).toEqual(["mapNew", "map", "map", "unmap"]);
    expect(reached?.fails).toBe("whole");
  });

  test("that no execution is known to reach does not refute the kernel: the invariant may be too weak for it", () => {
    const base = kernelNamed("v7.1", parseConfig("64bit")) as Kernel;
    const wrongAboveEleven: Kernel = {
      ...base,
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const mapcount = base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
        return mapcount > 12 ? mapcount + 1 : mapcount;
      },
    };
    const bounds = { pages: 2, mappings: 2, others: 8 };
    const result = proveModel(wrongAboveEleven, { bounds, evidence: false });
    expect(result).toMatchObject({
      verdict: "not inductive",
      claims: [],
      reachability: { kind: "not reached", within: [{ pages: 4, mms: 3, mappings: 4 }] },
    });
  });

  test("of a larger folio is searched at that size", () => {
    const base = kernelNamed("v7.1", parseConfig("64bit")) as Kernel;
    const wrongForLargeFolios: Kernel = {
      ...base,
      folioAddReturnLargeMapcount(folio, diff, mm) {
        const mapcount = base.folioAddReturnLargeMapcount.call(this, folio, diff, mm);
        return folio.nrPages > 4 ? mapcount + 1 : mapcount;
      },
    };
    const bounds = { pages: 8, mappings: 1, others: 1 };
    const result = proveModel(wrongForLargeFolios, { bounds, evidence: false });
    expect(result).toMatchObject({
      verdict: "refuted",
      reachability: { kind: "reached", execution: { bounds: { pages: 8, coarse: true }, fails: "result" } },
    });
  });

  test("that no execution reaches has none", () => {
    // Without an overflow, it does not matter what an overflow does.
    const functions = functionsOf("overflow-clears-shared", "");
    expect(reachedFailure(functions, { pages: 2, mms: 3, mappings: 4 }, STRONG)).toBeUndefined();
  });
});
