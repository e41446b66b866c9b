/** Every kernel of the model that patches owner tracking: the faulty ones are refuted, the others proved. */
import { describe, expect, test } from "vitest";
import { VARIANTS } from "../../model/kernels/index.ts";
import type { Variant } from "../../model/kernels/variant.ts";
import { enumerate } from "../../proof/enumerate.ts";
import { STRONG, WEAK } from "../../proof/invariant.ts";
import { reachedFailure } from "../../proof/reachable.ts";
import { functionsOf, OVERFLOW, OVERFLOW_CONFIG, refuted } from "./enumerated.ts";

/** The functions under proof, and the inner ones that patches override. */
const FUNCTIONS = /^folio(?:Set|AddReturn|SubReturn)LargeMapcount$|MmIdSlot$|^folioMaybeMappedShared$/;

/** Patches of accesses and locks do the same when an operation runs as a whole. */
const isOfRaces = ({ caught }: Variant): boolean => caught?.machine === "race";

/** It guesses from the mapcount of the first page, and this proof is about no page. */
const READS_PAGES = ["likely-mapped-shared"];

const concerned = VARIANTS.filter(
  (variant) =>
    Object.keys(variant.overrides).some((name) => FUNCTIONS.test(name)) &&
    !isOfRaces(variant) &&
    !READS_PAGES.includes(variant.name),
);

const faulty = concerned.filter((variant) => variant.faulty).map(({ name }) => name);
const faultFree = concerned.filter((variant) => !variant.faulty).map(({ name }) => name);

describe("A kernel with other owner tracking", () => {
  test("is among those that are proved or refuted here", () => {
    expect(faulty.length).toBe(19);
    expect(faultFree).toEqual(["overflow-without-shared", "slot-1-first"]);
  });

  test.each(faulty)("that is faulty is refuted, and the failure reached: %s", (name) => {
    const functions = functionsOf(name, OVERFLOW_CONFIG);
    const strong = enumerate(functions, STRONG, OVERFLOW);
    expect(refuted(strong.obligations)).not.toEqual([]);
    expect(refuted(enumerate(functions, WEAK, OVERFLOW).obligations)).not.toEqual([]);
    const bounds = { pages: OVERFLOW.pages, mappings: OVERFLOW.mappings, mms: 3 };
    expect(reachedFailure(functions, bounds, STRONG)).toBeDefined();
  });

  test.each(faultFree)("that is right is proved: %s", (name) => {
    const functions = functionsOf(name, OVERFLOW_CONFIG);
    const proved = [STRONG, WEAK].filter(
      (form) => refuted(enumerate(functions, form, OVERFLOW).obligations).length === 0,
    );
    expect(proved).not.toEqual([]);
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

  test("that no execution reaches has none", () => {
    // Without an overflow, it does not matter what an overflow does.
    const functions = functionsOf("overflow-clears-shared", "");
    expect(reachedFailure(functions, { pages: 2, mms: 3, mappings: 4 }, STRONG)).toBeUndefined();
  });
});
